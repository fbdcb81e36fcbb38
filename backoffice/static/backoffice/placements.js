// The tutors that are looked up are those of the host that is chosen on the page.
document.addEventListener("DOMContentLoaded", () => {
  const jQuery = window.django?.jQuery;
  if (!jQuery) return;
  jQuery.ajaxPrefilter((options) => {
    const host = document.getElementById("id_company")?.value;
    const asked = `${options.url}?${options.data ?? ""}`;
    if (!host || !asked.includes("field_name=tutor")) return;
    options.url += `${options.url.includes("?") ? "&" : "?"}organisme=${encodeURIComponent(host)}`;
  });
  // The class is that of the student who is chosen, unless somebody typed another.
  let filled = "";
  jQuery(document).on("select2:select", "#id_enrolment", (event) => {
    const box = document.getElementById("id_class_group");
    if (!box || (box.value && box.value !== filled)) return;
    box.value = filled = event.params.data.class_group ?? "";
  });
  // The places that the host has left in these weeks are told below its box.
  const told = document.getElementById("places-left");
  const boxes = ["id_company", "id_start_on", "id_end_on"].map((id) => document.getElementById(id));
  if (told && boxes.every(Boolean)) {
    const [company, first, last] = boxes;
    told.classList.remove("placement-panel");
    company.closest(".related-widget-wrapper")?.after(told);
    let asked = 0;
    const ask = async () => {
      const turn = ++asked;
      const values = { company: company.value, first: first.value, last: last.value };
      let text = "";
      if (Object.values(values).every(Boolean)) {
        const answer = await fetch(`${told.dataset.url}?${new URLSearchParams(values)}`).catch(() => null);
        if (answer?.ok) text = (await answer.json()).text;
      }
      // Of answers that cross, the last one asked for counts.
      if (turn !== asked) return;
      told.textContent = text;
      told.hidden = !text;
    };
    for (const box of [first, last]) for (const kind of ["change", "blur"]) box.addEventListener(kind, ask);
    jQuery(document).on("select2:select select2:clear", "#id_company", ask);
  }
  // A tutor of another host is nobody's tutor here.
  jQuery(document).on("select2:select select2:clear", "#id_company", () => {
    jQuery("#id_tutor").val(null).trigger("change");
  });
});
