/* What a server tells as it happens: server-sent events of an answer to fetch. */

function* wholeEvents(text) {
  for (const block of text.split("\n\n")) {
    const lines = block.split("\n");
    const name = lines.find((line) => line.startsWith("event: "))?.slice(7);
    const data = lines.find((line) => line.startsWith("data: "))?.slice(6);
    if (name && data) yield [name, JSON.parse(data)];
  }
}

/* Each event of a response, as its name and its data. */
export async function* eventsOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { done, value = "" } = await reader.read();
    held += value;
    const whole = done ? held.length : held.lastIndexOf("\n\n") + 2;
    if (whole > 1) {
      yield* wholeEvents(held.slice(0, whole));
      held = held.slice(whole);
    }
    if (done) return;
  }
}
