// Papers are sent without leaving the page, so that a refused one does not cost the choice of the others:
// a browser forgets the files of a form that it shows again. Without this script the form is sent as any.
(() => {
  const form = document.getElementById("papers-form");
  if (!form) return;
  const button = form.querySelector("button[type=submit]");

  // The files chosen for a paper are named in their order under its field, each with a button that takes it
  // out again. Telephones give one photo at a time: photos that are chosen next are put behind the others.
  const PHOTO = /\.(jpe?g|png|hei[cf])$/i;
  const SAME = ["name", "size", "lastModified"];
  const chosen = new Map();
  const hold = (field, files) => {
    const held = new DataTransfer();
    for (const file of files) held.items.add(file);
    field.files = held.files;
    chosen.set(field, files);
    const list = field.parentElement.querySelector(".papers-chosen") ?? document.createElement("ol");
    list.className = "papers-chosen";
    list.replaceChildren(
      ...files.map((file) => {
        const line = document.createElement("li");
        const name = document.createElement("span");
        name.textContent = file.name;
        const button = document.createElement("button");
        button.type = "button";
        button.className = "pratik-link";
        button.textContent = form.dataset.remove;
        button.setAttribute("aria-label", `${form.dataset.remove}\u00a0: ${file.name}`);
        button.addEventListener("click", () => {
          hold(field, files.filter((other) => other !== file));
          field.focus();
        });
        line.append(name, button);
        return line;
      }),
    );
    field.after(list);
  };
  const choose = (field) => {
    const before = (field.multiple && chosen.get(field)) || [];
    const next = [...field.files];
    if (!next.length || ![...before, ...next].every((file) => PHOTO.test(file.name))) return hold(field, next);
    const isNew = (file) => !before.some((other) => SAME.every((what) => other[what] === file[what]));
    hold(field, [...before, ...next.filter(isNew)]);
  };
  form.addEventListener(
    "change",
    (event) => {
      if (event.target.type !== "file") return;
      // The skin writes the name of a chosen file into the next box of text, here the paper's number.
      event.stopPropagation();
      choose(event.target);
    },
    true,
  );
  // What a browser kept of a form that it shows again.
  for (const field of form.querySelectorAll("input[type=file]")) if (field.files.length) choose(field);

  const tell = (from) => {
    document.getElementById("problems").replaceChildren(...from.getElementById("problems").children);
    for (const place of form.querySelectorAll("[data-errors]")) {
      const name = place.dataset.errors;
      const found = from.querySelector(`[data-errors="${CSS.escape(name)}"]`);
      place.replaceChildren(...(found ? found.childNodes : []));
      const field = form.elements[name];
      const wrong = place.childElementCount > 0;
      if (!field?.setAttribute) continue;
      field.toggleAttribute("aria-invalid", false);
      if (wrong) {
        field.setAttribute("aria-invalid", "true");
        place.firstElementChild.id ||= `${field.id}_error`;
        const help = document.getElementById(`${field.id}_helptext`) ? `${field.id}_helptext ` : "";
        field.setAttribute("aria-describedby", help + place.firstElementChild.id);
        const fold = place.closest("details");
        if (fold) fold.open = true;
      }
    }
    const first = form.querySelector("[aria-invalid=true]");
    if (first) first.focus();
    else document.getElementById("problems").scrollIntoView();
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    const note = document.createElement("p");
    note.className = "pratik-busy";
    note.setAttribute("role", "status");
    note.textContent = form.dataset.busy;
    form.append(note);
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        credentials: "same-origin",
        headers: { Accept: "application/json" },
      });
      if (answer.headers.get("Content-Type") === "application/json") {
        window.location.assign((await answer.json()).url);
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (page.getElementById("problems")) tell(page);
      else {
        // Another page altogether: too much at once, or the session is over.
        const why = page.querySelector("main h1, main p, h1")?.textContent ?? "";
        const problem = document.createElement("p");
        problem.className = "pratik-note pratik-note-danger";
        problem.setAttribute("role", "alert");
        problem.textContent = why.trim();
        document.getElementById("problems").replaceChildren(problem);
        problem.scrollIntoView();
      }
    } catch {
      // The line was cut: the browser's own way says so, with its own button to try again.
      HTMLFormElement.prototype.submit.call(form);
    }
    note.remove();
    button.disabled = false;
  });
})();
