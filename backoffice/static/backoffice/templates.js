// Writing a template: its pages beside it, its faults by line, fields put in at the cursor.
// Without this script the text is a box, and a button shows the PDF.
// The head of the page asks for it, so it waits for the rest.
document.addEventListener("DOMContentLoaded", () => {
  const editor = document.querySelector(".template-editor");
  const box = editor?.querySelector("textarea");
  if (!box) return;
  const kind = document.getElementById("id_kind");
  const panel = editor.querySelector(".template-preview");
  const status = editor.querySelector(".template-status");
  const faults = editor.querySelector(".template-faults");
  const pages = editor.querySelector(".template-pages");
  panel.hidden = false;
  editor.classList.add("template-live");

  // Only what belongs to the chosen document is offered.
  const chooseKind = () => {
    for (const part of editor.querySelectorAll("[data-kind]")) {
      part.hidden = Boolean(kind?.value) && part.dataset.kind !== kind.value;
    }
  };

  const goTo = (line) => {
    const lines = box.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((length, text) => length + text.length + 1, 0);
    box.focus();
    box.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
    const height = Number.parseFloat(getComputedStyle(box).lineHeight) || 20;
    box.scrollTop = Math.max(0, (line - 4) * height);
  };

  const tellFaults = (found) => {
    faults.replaceChildren(
      ...found.map((fault) => {
        const item = document.createElement("li");
        const text = document.createElement(fault.line ? "button" : "span");
        text.textContent = fault.text;
        if (fault.line) {
          text.type = "button";
          text.addEventListener("click", () => goTo(fault.line));
        }
        item.append(text);
        return item;
      }),
    );
  };

  const tellMissing = (codes) => {
    for (const item of editor.querySelectorAll("[data-mention]")) {
      const isMissing = codes.includes(item.dataset.mention);
      item.classList.toggle("template-lacks", isMissing);
      item.querySelector(".template-missing").hidden = !isMissing;
    }
  };

  const show = (answer) => {
    tellFaults(answer.faults ?? []);
    if (!answer.pages) {
      // The pages before the fault stay, paler, so that nobody loses their place.
      pages.classList.add("template-stale");
      return;
    }
    pages.classList.remove("template-stale");
    tellMissing(answer.missing);
    pages.replaceChildren(
      ...answer.pages.map((page, place) => {
        const picture = document.createElement("img");
        picture.src = `data:image/png;base64,${page}`;
        picture.alt = editor.dataset.page.replace("%(number)s", place + 1);
        return picture;
      }),
    );
    if (answer.number > answer.pages.length) {
      const more = document.createElement("p");
      more.textContent = editor.dataset.more;
      pages.append(more);
    }
  };

  let asked = 0;
  const preview = async () => {
    asked += 1;
    const mine = asked;
    if (kind && !kind.value) {
      status.textContent = editor.dataset.choose;
      return;
    }
    status.textContent = editor.dataset.wait;
    const body = new URLSearchParams({
      csrfmiddlewaretoken: document.querySelector("input[name=csrfmiddlewaretoken]").value,
      as: "pictures",
      kind: kind?.value ?? "",
      body: box.value,
    });
    try {
      const response = await fetch(editor.dataset.preview, { method: "POST", body, credentials: "same-origin" });
      if (!response.ok) throw new Error(response.status);
      const answer = await response.json();
      if (mine !== asked) return;
      show(answer);
      status.textContent = "";
    } catch {
      if (mine === asked) status.textContent = editor.dataset.failed;
    }
  };

  let waiting;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(preview, 700);
  };

  for (const button of editor.querySelectorAll("[data-insert]")) {
    button.disabled = false;
    button.addEventListener("click", () => {
      box.setRangeText(button.dataset.insert, box.selectionStart, box.selectionEnd, "end");
      box.focus();
      box.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
  box.addEventListener("input", soon);
  kind?.addEventListener("change", () => {
    chooseKind();
    soon();
  });
  chooseKind();
  preview();
});
