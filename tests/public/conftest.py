"""The site as a visitor reads it."""

import re

import pytest
from django.utils.html import strip_tags


class Page:
    """What a visitor got: the answer, its markup, and its words."""

    def __init__(self, response):
        self.response = response
        self.status = response.status_code
        self.html = response.content.decode()

    @property
    def main(self):
        """The markup between the header and the footer, without the filters."""
        body = self.html.partition("<main")[2].partition("</main>")[0]
        return re.sub(r"<form.*?</form>", "", body, flags=re.DOTALL)

    @property
    def words(self):
        """The text of the page's own content, as it is read."""
        return " ".join(strip_tags(self.main).replace("\u00a0", " ").split())

    def options(self, name):
        """The values that a filter offers, its empty choice aside."""
        select = self.html.partition(f'<select name="{name}"')[2].partition("</select>")[0]
        return [value for value in re.findall(r'<option value="([^"]*)"', select) if value]


@pytest.fixture
def visit(client):
    """`visit("/calendriers/", q="bois")`: the page that a French visitor gets; 200 unless said otherwise."""

    def visited(path, *, status=200, language="fr", **query):
        response = client.get(path, query, headers={"accept-language": language})
        assert response.status_code == status, response.content.decode()[:2000]
        return Page(response)

    return visited
