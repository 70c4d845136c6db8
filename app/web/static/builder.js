/* The builder on /widget: what is chosen goes into the text to copy and into the preview. Without it both stay as they are. */
(() => {
  "use strict";
  const field = (id) => document.getElementById(id);
  const names = ["borough", "need", "heading", "exit"];
  const snippet = field("snippet");
  const [, inside, script] = snippet.value.match(/>\n([^]*)\n<\/support-finder>\n([^]*)$/);
  const preview = field("preview");
  const within = [...preview.querySelector("support-finder").children];

  const quoted = (text) => text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");

  const chosen = () => {
    const values = Object.fromEntries(names.map((name) => [name, field(`b-${name}`).value.trim()]));
    if (values.heading === "2") values.heading = "";
    if (!/^https:\/\/\S+$/i.test(values.exit)) values.exit = "";
    return Object.entries(values).filter(([, value]) => value);
  };

  const show = () => {
    const attributes = chosen();
    const said = attributes.map(([name, value]) => ` data-${name}="${quoted(value)}"`).join("");
    snippet.value = `<support-finder lang="en"${said}>\n${inside}\n</support-finder>\n${script}`;

    const colours = ["brand", "link"].map((name) => [`--sf-${name}`, field(`b-${name}`).value]).filter(([, value]) => value);
    field("style").value = colours.length
      ? `support-finder {\n${colours.map(([name, value]) => `  ${name}: ${value};`).join("\n")}\n}` : "";

    const finder = document.createElement("support-finder");
    finder.lang = "en";
    finder.dataset.heading = "3"; // it stands under a heading of this page
    for (const [name, value] of attributes) if (name !== "heading") finder.dataset[name] = value;
    for (const [name, value] of colours) finder.style.setProperty(name, value);
    finder.append(...within.map((one) => one.cloneNode(true)));
    preview.replaceChildren(finder);
  };

  for (const name of [...names, "brand", "link"]) field(`b-${name}`).addEventListener("change", show);
  field("copy").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(snippet.value);
      field("copied").textContent = "Copied.";
    } catch {
      snippet.focus();
      snippet.select();
      field("copied").textContent = "Selected: copy it with your keyboard.";
    }
  });
  field("builder").hidden = false;
})();
