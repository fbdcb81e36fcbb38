"""Each kind of notice has a topic, and people choose by topic."""

import pytest

from pratik.notifications.enums import ALWAYS_MAILED, TOPIC_OF, NoticeKind, Topic


@pytest.mark.parametrize("kind", NoticeKind, ids=str)
def test_each_kind_of_notice_has_its_topic(kind):
    assert TOPIC_OF[kind] in Topic


def test_no_topic_is_without_a_kind_and_no_kind_is_unknown():
    assert set(TOPIC_OF) == set(NoticeKind)
    assert set(TOPIC_OF.values()) == set(Topic)


def test_safety_and_own_data_are_mailed_whatever_is_preferred():
    assert {
        NoticeKind.NEW_DEVICE,
        NoticeKind.ACCOUNT_PROTECTION,
        NoticeKind.ERASURE_RECEIVED,
        NoticeKind.ERASURE_ANSWERED,
        NoticeKind.ACCOUNT_EXPIRING,
    } == ALWAYS_MAILED
