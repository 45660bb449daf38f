#!/usr/bin/env bash
# What axe finds wrong with a report for those who cannot see it well, in light and in dark, wide and
# narrow: nothing may be. Needs chromium, and npm to fetch axe-core, which is used here alone; $CHROMIUM
# and $AXE (axe.min.js) name others.
#
#   analysis/tests/axe.sh [page.html ...]
set -euo pipefail
axe_version=4.10.3
here=$(dirname "$0")
browser=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
if [[ -z $browser ]]; then
    echo "There is no chromium to open pages with; install it or name one in CHROMIUM." >&2
    exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
axe=${AXE:-}
if [[ -z $axe ]]; then
    (cd "$work" && npm pack --silent "axe-core@$axe_version" >/dev/null && tar -xzf axe-core-*.tgz package/axe.min.js)
    axe=$work/package/axe.min.js
fi
pages=("$@")
((${#pages[@]})) || pages=("$here"/golden/report.html "$here"/../../reports/index.html "$here"/../../reports/*/*/*.html)

# A frame as wide as a phone or a screen, as a window of the browser has a least width. The page's own
# policy forbids nothing that stands in the page.
check() { # check PAGE WIDTH [BROWSER'S OPTION]
    {
        sed '/<\/body>/,$d' "$1"
        echo '<script>'
        cat "$axe"
        cat <<'HTML'
axe.run(document).then((found) => {
  const of = (fault) => `${fault.impact} ${fault.id}: ${fault.nodes.length} times, first ${fault.nodes[0].target}`;
  parent.postMessage({ passes: found.passes.length, faults: found.violations.map(of) }, "*");
}, (e) => parent.postMessage({ passes: 0, faults: [String(e)] }, "*"));
HTML
        echo '</script></body></html>'
    } >"$work/page.html"
    cat >"$work/frame.html" <<HTML
<!DOCTYPE html><html><body><iframe src="page.html" style="border:0;width:$2px;height:900px"></iframe>
<script>addEventListener("message", (e) => {
  document.body.dataset.said = e.data.faults.join(" | ") || e.data.passes + " rules hold";
});</script></body></html>
HTML
    timeout 300 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync \
        --allow-file-access-from-files --user-data-dir="$work/profile" --window-size=1400,1000 \
        --virtual-time-budget=120000 "${@:3}" --dump-dom "file://$work/frame.html" >"$work/dom" 2>"$work/log" || {
        echo "$1: the browser failed: $(tail -n 3 "$work/log")" >&2
        return 1
    }
    local said
    said=$(grep -o 'data-said="[^"]*"' "$work/dom" | head -n 1 | cut -d'"' -f2 || true)
    echo "$1, $2 px${3:+, dark}: ${said:-axe did not run}"
    [[ $said == *" rules hold" && $said != "0 rules"* ]]
}

faulty=0
for page in "${pages[@]}"; do
    for width in 390 1280; do
        check "$page" "$width" || faulty=$((faulty + 1))
        check "$page" "$width" --blink-settings=preferredColorScheme=0 || faulty=$((faulty + 1))
    done
done
((faulty == 0)) || { echo "$faulty renderings have faults." >&2; exit 1; }
echo "No fault in ${#pages[@]} pages, each at two widths, light and dark."
