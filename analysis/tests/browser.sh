#!/usr/bin/env bash
# Opens a report in a browser without a window: no error on its console, its tables sort, it
# prints. Needs chromium and nothing else; $CHROMIUM names another one.
#
#   analysis/tests/browser.sh [report.html]
set -euo pipefail
page=$(realpath "${1:-$(dirname "$0")/golden/report.html}")
browser=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
if [[ -z $browser ]]; then
    echo "There is no chromium to open $page with; install it or name one in CHROMIUM." >&2
    exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "$page: $1" >&2
    exit 1
}

browse() {
    timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync \
        --user-data-dir="$work/profile" --enable-logging=stderr "$@" 2>"$work/log" ||
        fail "the browser failed: $(tail -n 3 "$work/log")"
    # What a page writes to its console, and what its policy forbade.
    if grep -E 'CONSOLE' "$work/log" >&2; then
        fail "the browser's console has an error (see above)."
    fi
}

# A copy that clicks on heads of each table and writes down what came of it.
{
    sed '/<\/body>/,$d' "$page"
    cat <<'HTML'
<script>
const said = [];
const check = (good, what) => { if (!good) said.push(what); };
const names = (table, column) =>
  [...table.tBodies[0].querySelectorAll("tr:not(.group)")].map((row) => row.cells[column].textContent);
const tables = [...document.querySelectorAll("table")];
for (const [t, table] of tables.entries()) {
  const button = (column) => table.tHead.rows[0].cells[column].querySelector("button");
  const first = names(table, 0);
  button(0).click();
  const up = names(table, 0);
  button(0).click();
  const down = names(table, 0);
  const sorted = [...first].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  check(String(up) === String(sorted), `table ${t} is not in order: ${up}`);
  check(String(down) === String(sorted.reverse()), `table ${t} is not in reverse order: ${down}`);
  const numeric = [...table.tHead.rows[0].cells].findIndex((head) => head.classList.contains("n"));
  if (numeric < 0) continue;
  button(numeric).click();
  const rows = [...table.tBodies[0].querySelectorAll("tr:not(.group)")];
  const values = rows.map((row) => Number(row.cells[numeric].dataset.sort)).filter((v) => !isNaN(v));
  check(values.every((v, i) => i === 0 || v <= values[i - 1]), `table ${t}: ${values}`);
}
check(tables.length > 0, "there is no table");
check(document.documentElement.scrollWidth <= innerWidth, "the page is wider than its window");
const levels = [...document.querySelectorAll("h1, h2, h3")].map((h) => Number(h.tagName[1]));
check(levels.every((l, i) => l <= (levels[i - 1] ?? 0) + 1), `headings skip a level: ${levels}`);
document.body.dataset.said = said.length ? said.join("; ") : `${tables.length} tables sort`;
</script>
</body></html>
HTML
} >"$work/clicked.html"
browse --window-size=500,900 --dump-dom "file://$work/clicked.html" >"$work/dom"
said=$(grep -o 'data-said="[^"]*"' "$work/dom" | cut -d'"' -f2 || true)
[[ $said == *" tables sort" ]] || fail "${said:-the page did not run its script.}"

browse --no-pdf-header-footer --print-to-pdf="$work/report.pdf" "file://$page"
[[ $(head -c 5 "$work/report.pdf") == %PDF- ]] || fail "it did not print."

echo "$page: opens without an error, $said, prints in $(stat -c %s "$work/report.pdf") bytes."
