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

// Icons are drawn from words (« arrow_back »), which a screen reader would say aloud.
const hideIcons = (root) => {
  for (const icon of root.querySelectorAll(".material-symbols-outlined:not([aria-hidden])")) {
    icon.setAttribute("aria-hidden", "true");
  }
};
// The search box of a list to choose from says what is chosen in it.
const nameSearches = (root) => {
  for (const box of root.querySelectorAll(".select2-search__field:not([aria-label])")) {
    const list = box.getAttribute("aria-controls") || box.getAttribute("aria-owns") || "";
    const select =
      box.closest(".select2-container")?.previousElementSibling ||
      document.getElementById(list.replace(/^select2-/, "").replace(/-results$/, ""));
    const name = select?.labels?.[0]?.textContent || select?.getAttribute("aria-label");
    if (name) box.setAttribute("aria-label", name.replace("*", "").trim());
  }
};
// A list to choose from is named by its label, and by what is chosen in it.
const nameChoices = (root) => {
  for (const shown of root.querySelectorAll(".select2-selection__rendered[id]:not([aria-labelledby])")) {
    const container = shown.closest(".select2-container");
    const label = container?.previousElementSibling?.labels?.[0];
    if (!label) continue;
    label.id ||= `${shown.id}-label`;
    shown.setAttribute("aria-labelledby", label.id);
    container.querySelector("[role=combobox]")?.setAttribute("aria-labelledby", `${label.id} ${shown.id}`);
  }
};
// On a telephone each value stands beside the name of its column, which begins with a capital letter.
// A box within a list is named by its column.
const nameCells = (root) => {
  for (const cell of root.querySelectorAll("[data-label]")) {
    const { label } = cell.dataset;
    if (label && label[0] !== label[0].toLocaleUpperCase()) {
      cell.dataset.label = label[0].toLocaleUpperCase() + label.slice(1);
    }
  }
  const boxes = "td[data-label] :is(input:not([type=hidden]), select, textarea):not([aria-label])";
  for (const box of root.querySelectorAll(boxes)) {
    if (!box.labels?.length) box.setAttribute("aria-label", box.closest("td").dataset.label);
  }
};
document.addEventListener("DOMContentLoaded", () => {
  const name = (root) => {
    hideIcons(root);
    nameSearches(root);
    nameChoices(root);
    nameCells(root);
  };
  name(document);
  new MutationObserver(() => name(document)).observe(document.body, { childList: true, subtree: true });
});

// The focus stays in a dialog as long as it is open.
const FOCUSABLE =
  "a[href], button:not([disabled]), input:not([disabled]):not([type=hidden]), select:not([disabled]), textarea:not([disabled]), [tabindex='0']";
document.addEventListener("keydown", (event) => {
  if (event.key !== "Tab") return;
  const dialog = document.querySelector('[data-trap="true"]');
  if (!dialog) return;
  const inside = [...dialog.querySelectorAll(FOCUSABLE)].filter((element) => element.getClientRects().length);
  if (!inside.length) return;
  const [first, last] = [inside[0], inside[inside.length - 1]];
  const here = document.activeElement;
  if (!dialog.contains(here) || (!event.shiftKey && here === last)) {
    if (here?.closest(".select2-dropdown")) return;
    event.preventDefault();
    first.focus();
  } else if (event.shiftKey && (here === first || !inside.includes(here))) {
    event.preventDefault();
    last.focus();
  }
});

// Tabs are walked with the arrows.
document.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  const tab = event.target.closest?.("[role=tab]");
  if (!step || !tab) return;
  event.preventDefault();
  const tabs = [...tab.closest("[role=tablist]").querySelectorAll("[role=tab]")];
  const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
  next.click();
  next.focus();
});

// A menu that unfolds can't take the focus before it is shown.
const focusOnceShown = (element, frames = 30) => {
  element?.focus();
  if (element && document.activeElement !== element && frames) {
    requestAnimationFrame(() => focusOnceShown(element, frames - 1));
  }
};

// What opens the menu of a related row is no button in the skin.
const nameOpeners = () => {
  for (const opener of document.querySelectorAll("[x-ref^=relatedWidgetWrapper]:not([role])")) {
    const label = opener.closest(".field-line, .form-row, td, div[class*='field-']")?.querySelector("label");
    opener.setAttribute("role", "button");
    opener.setAttribute("tabindex", "0");
    opener.setAttribute("aria-haspopup", "true");
    opener.setAttribute("aria-label", [opener.dataset.label || "Actions", label?.textContent.replace("*", "").trim()].filter(Boolean).join(" · "));
    opener.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      opener.click();
      const menu = document.getElementById(`related-widget-wrapper-${opener.getAttribute("x-ref").slice("relatedWidgetWrapper".length)}`);
      if (menu) focusOnceShown(menu.querySelector("a[href]"));
      menu?.addEventListener("keydown", (inside) => inside.key === "Escape" && opener.focus());
    });
  }
};
document.addEventListener("DOMContentLoaded", nameOpeners);
document.addEventListener("formset:added", () => requestAnimationFrame(nameOpeners));
