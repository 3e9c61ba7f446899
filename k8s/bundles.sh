# Sourced by release, settle and rollback: where the bundles are, and how the chart is told of them.
BUNDLES=${BUNDLES:-$(dirname "${BASH_SOURCE[0]}")/bundles}
STABLE=$BUNDLES/stable.json CANDIDATE=$BUNDLES/candidate.json PREVIOUS=$BUNDLES/previous.json
NAMESPACE=${NAMESPACE:-plotlot} RELEASE=${RELEASE:-plotlot} APPLY=${APPLY:-yes}
chart=$(cd "$(dirname "${BASH_SOURCE[0]}")/../charts/plotlot" && pwd)
mkdir -p "$BUNDLES"
touch "$STABLE" "$CANDIDATE" "$PREVIOUS"

# bundle_id FILE: the id of a bundle, nothing where the file holds none.
bundle_id() {
  python3 -c '
import json, sys
try:
    print(json.load(open(sys.argv[1]))["id"])
except (ValueError, KeyError, TypeError):
    print("")' "$1"
}

# apply: the chart as it is installed, with these bundles.
apply() {
  [ "$APPLY" = yes ] || return 0
  helm upgrade "$RELEASE" "$chart" --namespace "$NAMESPACE" --reset-then-reuse-values --set rollout.enabled=true \
    --set-file "bundles.stable=$STABLE" --set-file "bundles.candidate=$CANDIDATE" >/dev/null
}

# serving: the bundle that every user meets, nothing while a rollout moves or was aborted.
serving() {
  kubectl -n "$NAMESPACE" get rollout "$RELEASE-gateway" -o json | python3 -c '
import json, sys
rollout = json.load(sys.stdin)
status = rollout["status"]
whole = status.get("phase") == "Healthy" and status.get("stableRS") == status.get("currentPodHash")
seen = str(status.get("observedGeneration")) == str(rollout["metadata"]["generation"])
print(rollout["spec"]["template"]["metadata"]["labels"].get("plotlot.dev/bundle", "") if whole and seen else "")'
}

# status JSON: what `kubectl argo rollouts abort` and `promote --full` do, without that plugin.
status() {
  kubectl -n "$NAMESPACE" patch rollout "$RELEASE-gateway" --subresource=status --type=merge -p "{\"status\": $1}" >/dev/null
}

# settle: the files, and the chart, once the candidate serves everybody.
settle() {
  cp "$STABLE" "$PREVIOUS"
  cp "$CANDIDATE" "$STABLE"
  : >"$CANDIDATE"
  apply
}
