
// What a reader can ask of the first table: another baseline, fewer rows, the same elsewhere. All
// of it stands in the address, so that a link shows the same.
{
  const data = JSON.parse(document.getElementById("matrix-data").textContent);
  const box = document.getElementById("matrix");
  const table = box.querySelector("table");
  const rows = [...table.querySelectorAll("tr[data-server]")];
  const caption = table.caption.textContent;
  const index = Object.fromEntries(data.servers.map((server, i) => [server.name, i]));
  const turned = { "\u25b2": "\u25bc", "\u25bc": "\u25b2", "\u2265": "\u2264", "\u2264": "\u2265" };
  const turn = (text) => [...text].map((c) => turned[c] ?? c).join("");
  const bar = document.createElement("div");
  bar.className = "ask";

  const labelled = (words, field) => {
    const label = document.createElement("label");
    label.append(words, " ", field);
    bar.append(label);
    return field;
  };
  const choice = (words, options) => {
    const select = document.createElement("select");
    for (const [value, text] of options) select.append(new Option(text, value));
    return labelled(words, select);
  };
  const kinds = (key) => [["", "all"], ...[...new Set(data.servers.map((s) => s[key]))].sort().map((v) => [v, v])];
  const paired = data.questions.some((q) => q.pairs.length);
  const named = [...data.servers].sort((a, b) => a.title.localeCompare(b.title, "en"));
  const fields = {};
  if (paired) fields.against = choice("times", named.map((s) => [s.name, s.title]));
  const text = document.createElement("input");
  text.type = "search";
  fields.filter = labelled("name", text);
  fields.engine = choice("engine", kinds("engine"));
  fields.class = choice("class", kinds("class"));
  if (paired) {
    fields.ranges = document.createElement("input");
    fields.ranges.type = "checkbox";
    labelled("intervals", fields.ranges);
  }
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  const button = (words, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = words;
    made.addEventListener("click", act);
    bar.append(made);
  };
  const own = rows.map((row) => [...row.cells].map((cell) => [cell.textContent, cell.dataset.sort]));

  function show() {
    const base = fields.against ? fields.against.value : data.base;
    const declared = base === data.base && !(fields.ranges && fields.ranges.checked);
    const wanted = fields.filter.value.trim().toLowerCase();
    rows.forEach((row, r) => {
      const server = data.servers[index[row.dataset.server]];
      row.hidden = !(
        (server.title.toLowerCase().includes(wanted) || server.name.includes(wanted)) &&
        (!fields.engine.value || server.engine === fields.engine.value) &&
        (!fields.class.value || server.class === fields.class.value)
      );
      for (const question of data.questions) {
        const cell = row.cells[question.column];
        const [before, sort] = own[r][question.column];
        if (declared || !question.pairs.length) {
          cell.textContent = before;
          if (sort !== undefined) cell.dataset.sort = sort;
          continue;
        }
        const found = between(question, index[row.dataset.server], index[base]);
        const value = question.ratio ? "" : before.replace(/ [\u25b2\u25bc\u2248\u00b7 ]+$/, "");
        const parts = [value];
        if (server.name === base) parts.push(question.ratio ? "1" : "");
        else if (!found) parts.push(question.ratio ? "\u2013" : "");
        else {
          if (question.ratio) parts.push(found.bound + found.ratio.toFixed(2));
          else if (fields.ranges.checked) parts.push("\u00d7 " + found.ratio.toFixed(2));
          if (fields.ranges.checked && found.low) parts.push(`(${found.low.toFixed(2)}\u2013${found.high.toFixed(2)})`);
          parts.push(found.sign);
        }
        cell.textContent = parts.filter(Boolean).join(" ");
        if (question.ratio) cell.dataset.sort = found ? found.ratio : server.name === base ? 1 : NaN;
      }
    });
    for (const group of table.querySelectorAll("tr.group")) {
      group.hidden = ![...group.parentElement.rows].some((row) => row !== group && !row.hidden);
    }
    if (paired) {
      const title = data.servers[index[base]].title;
      table.caption.textContent = base === data.base ? caption : caption.replace(data.servers[index[data.base]].title, title);
    }
  }

  function between(question, one, other) {
    const pair = question.pairs.find((p) => p[0] === Math.min(one, other) && p[1] === Math.max(one, other));
    if (!pair) return null;
    const [, , ratio, low, high, sign, bound] = pair;
    return one < other
      ? { ratio, low, high, sign, bound }
      : { ratio: 1 / ratio, low: high && 1 / high, high: low && 1 / low, sign: turn(sign), bound: turn(bound) };
  }

  // The place in the page and what is asked are both behind the #: what is asked has an =.
  function remember() {
    const asked = new URLSearchParams();
    for (const [name, field] of Object.entries(fields)) {
      const value = field.type === "checkbox" ? (field.checked ? "1" : "") : field.value;
      if (value && !(name === "against" && value === data.base)) asked.set(name, value);
    }
    const words = asked.toString();
    if (words || location.hash.includes("=")) history.replaceState(null, "", words ? "#" + words : "#");
  }
  function recall() {
    const asked = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
    for (const [name, field] of Object.entries(fields)) {
      const value = asked.get(name) ?? (name === "against" ? data.base : "");
      if (field.type === "checkbox") field.checked = value === "1";
      else field.value = value;
    }
    if (fields.against && !fields.against.value) fields.against.value = data.base;
    show();
  }

  const seen = () => {
    const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
    const shown = [...table.querySelectorAll("tr[data-server]")].filter((row) => !row.hidden);
    return [heads, ...shown.map((row) => [...row.cells].map((cell) => cell.textContent))];
  };
  button("copy as Markdown", () => {
    const lines = seen().map((cells) => `| ${cells.map((c) => c.replace(/\|/g, "\\|")).join(" | ")} |`);
    lines.splice(1, 0, `|${" --- |".repeat(table.tHead.rows[0].cells.length)}`);
    navigator.clipboard.writeText(`${table.caption.textContent}\n\n${lines.join("\n")}\n`).then(
      () => (said.textContent = "copied"),
      () => (said.textContent = "the browser does not let this page copy"),
    );
  });
  button("CSV", () => {
    const quoted = (cell) => `"${cell.replace(/"/g, '""')}"`;
    const link = document.createElement("a");
    const csv = seen().map((cells) => cells.map(quoted).join(",")).join("\r\n");
    link.href = URL.createObjectURL(new Blob([csv + "\r\n"], { type: "text/csv" }));
    link.download = "at-a-glance.csv";
    link.click();
    URL.revokeObjectURL(link.href);
  });
  bar.append(said);
  box.prepend(bar);
  for (const field of Object.values(fields)) {
    field.addEventListener("input", () => {
      show();
      remember();
    });
  }
  addEventListener("hashchange", recall);
  recall();
}
