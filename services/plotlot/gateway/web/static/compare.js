/* Suggests addresses of lots to add; one that is taken is added at once. Without this script the form does it. */

import { suggestAddresses } from "./suggestions.js";

const form = document.getElementById("add-lot");

function add({ parcel_id: parcel, municipality }) {
  const query = new URLSearchParams(
    [...form.querySelectorAll("[name=id]")].map((each) => ["id", each.value]),
  );
  query.set("parcel_id", parcel);
  query.set("municipality", municipality);
  location.assign(`${form.getAttribute("action")}?${query}`);
}

if (form) {
  const municipality = form.elements.namedItem("municipality");
  suggestAddresses(form.elements.namedItem("address"), () => municipality.value, add);
}
