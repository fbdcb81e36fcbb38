"""Documents made from templates that the team edits: agreements, amendments, certificates, recommendations.

How an area draws one of its documents:

    from pratik.papers import fields, reports, services
    from pratik.papers.enums import PaperKind
    from pratik.papers.markup import PaperRefused

    template = reports.template_in_force(PaperKind.AGREEMENT, audience="internship", day=today())  # or None
    missing = fields.missing_mentions(PaperKind.AGREEMENT, template.body, values)  # [Mention], to be shown
    code = services.new_code()  # kept with the document
    pdf = services.draw(template.body, values, title="Convention de stage", number="C-2026-000123", code=code)

- `values` is {field name: value}; `pratik.papers.fields.fields_of(kind)` lists the fields of a kind with a
  label and an example, and `preview_values(kind)` gives a full set. A value is a text (its line breaks are
  kept), a list of texts (drawn as a list) or a list of lists of texts (drawn as a table, its first row being
  the heading). All of it is plain JSON, so that the values, with the template's body, are kept as the
  document's snapshot: the same body, values, title, number, code and header give the same bytes for ever.
  Texts only: days, sums and hours are written out by who gives them. A blank value is drawn as a dash; a
  field that is not in `values` at all is refused.
- `draw` raises `PaperRefused`, a `ValidationError` whose sentences name the line of the template or the field
  at fault. Call it when the document is made, so that one that cannot be drawn is never kept.
- `services.draw_many([Paper(...), …])` draws a class in one PDF, each document with its own page numbers.
- Fields of its own are added by an area in its `apps.ready`:
  `fields.register_fields(PaperKind.AGREEMENT, {"name": (_("label"), "example")})`.
- What a verification code certifies is answered by the area that keeps the document, from its `apps.ready`:
  `reports.register_certified(resolve)`, where `resolve(code)` gives a `reports.Certified(title, lines)` or
  None; it shows no more than a stranger who holds the paper may check, and says so when it was made void.
"""
