// Long work says that it is under way, and is not sent twice by a second click.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.busy || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  const note = document.createElement("p");
  note.className = "pratik-busy";
  note.setAttribute("role", "status");
  note.textContent = form.dataset.busy;
  form.append(note);
});
// Coming back with the browser's button shows the form as new.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector(".pratik-busy")?.remove();
  }
});
