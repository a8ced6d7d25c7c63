"""Lists that come in pages: whole, whatever the pages are like, or an error."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paidsw.cloud import CloudError, DswClient, Uncertain
from paidsw.cloud.pages import MOST_PAGES, PAGE_SIZE, every_pack, every_page, inner, items
from paidsw.cloud.workspaces import WorkspaceClient
from tests.support.answering import Answers

Page = list[dict[str, Any]]


class Shelf:
    """A list operation over so many items; ``most`` is what it gives in a page, whatever was asked for."""

    def __init__(self, count: int, most: int = PAGE_SIZE, *, named: object = None) -> None:
        self.count = count
        self.most = most
        self.named = count if named is None else named
        self.asked: list[int] = []

    def cut(self, number: int, size: int) -> Page:
        size = min(size, self.most)
        self.asked.append(number)
        return [{"Id": i} for i in range((number - 1) * size, min(number * size, self.count))]

    async def pages(self, operation: str, request: dict[str, Any], *path: str) -> dict[str, Any]:
        return {
            "Things": self.cut(request["PageNumber"], request["PageSize"]),
            "TotalCount": self.named,
            "Operation": operation,
        }

    async def packs(self, operation: str, request: dict[str, Any], *path: str) -> dict[str, Any]:
        listed = self.cut(request["PageNum"], request["PageSize"])
        return {"Data": {"Instances": {"Instance": listed}, "TotalCount": str(self.named)}}

    def every_page(self) -> list[int]:
        found = asyncio.run(every_page(self.pages, "ListThings", "Things", {}))
        return [item["Id"] for item in found]

    def every_pack(self) -> list[int]:
        return [item["Id"] for item in asyncio.run(every_pack(self.packs))]


@given(count=st.integers(0, 450), most=st.integers(3, 150))
@settings(max_examples=25)
def test_all_pages_are_put_together_in_order(count: int, most: int) -> None:
    shelf = Shelf(count, most)
    assert shelf.every_page() == list(range(count))
    assert sorted(shelf.asked) == list(range(1, max(1, -(-count // min(most, PAGE_SIZE))) + 1))
    assert Shelf(count, most).every_pack() == list(range(count))


@pytest.mark.parametrize(
    ("count", "calls"), [(0, 1), (1, 1), (99, 1), (100, 1), (101, 2), (200, 2), (201, 3)]
)
def test_no_page_too_many_is_asked_for(count: int, calls: int) -> None:
    for read in (Shelf.every_page, Shelf.every_pack):
        shelf = Shelf(count)
        assert len(read(shelf)) == count
        assert len(shelf.asked) == calls


@pytest.mark.parametrize("named", ["x", "-1", -5, 1.5, 10**9, "9" * 5000, "²", True, [1]])
def test_a_count_that_is_none_is_not_believed(named: object) -> None:
    for read in (Shelf.every_page, Shelf.every_pack):
        shelf = Shelf(3, named=named)
        with pytest.raises(Uncertain, match="no readable TotalCount"):
            read(shelf)
        assert shelf.asked == [1]


@pytest.mark.parametrize("named", [0, "0", None])
def test_a_short_page_is_all_where_no_more_is_named(named: object) -> None:
    body = {"Things": [{"Id": 1}]} | ({} if named is None else {"TotalCount": named})

    async def call(operation: str, request: dict[str, Any], *path: str) -> dict[str, Any]:
        return body

    assert asyncio.run(every_page(call, "ListThings", "Things", {})) == [{"Id": 1}]


@pytest.mark.parametrize(
    "body", [{}, {"RequestId": "R"}, {"Things": None}, {"Things": [{}] * PAGE_SIZE}, {"Things": "x"}]
)
def test_an_answer_that_may_be_a_part_is_no_list(body: dict[str, Any]) -> None:
    async def call(operation: str, request: dict[str, Any], *path: str) -> dict[str, Any]:
        return body

    with pytest.raises(Uncertain, match="no readable"):
        asyncio.run(every_page(call, "ListThings", "Things", {}))


def test_a_list_that_shrinks_meanwhile_is_not_believed() -> None:
    with pytest.raises(Uncertain, match="shorter than it says"):
        Shelf(150, named=400).every_page()
    assert Shelf(150, named=400).every_pack() == list(range(150))


def test_a_list_without_end_is_given_up() -> None:
    packs = Shelf(10**6, most=1, named=MOST_PAGES + 1)
    with pytest.raises(Uncertain, match="no readable TotalCount"):
        packs.every_pack()
    assert len(packs.asked) == MOST_PAGES
    things = Shelf(10**6, most=1, named=MOST_PAGES + 1)
    with pytest.raises(Uncertain, match="no readable TotalCount"):
        things.every_page()
    assert things.asked == [1]


def test_one_page_that_fails_fails_the_list() -> None:
    shelf = Shelf(350)

    async def call(operation: str, request: dict[str, Any], *path: str) -> dict[str, Any]:
        if request["PageNumber"] == 3:
            raise Uncertain("ListThings", "lost")
        return await shelf.pages(operation, request)

    with pytest.raises(Uncertain, match="lost"):
        asyncio.run(every_page(call, "ListThings", "Things", {}))


def test_the_requests_own_members_are_sent_with_every_page() -> None:
    seen: list[dict[str, Any]] = []

    async def call(operation: str, request: dict[str, Any], *path: str) -> dict[str, Any]:
        seen.append(request)
        return {"Things": [{}] * 100, "TotalCount": 300}

    asyncio.run(every_page(call, "ListThings", "Things", {"Status": "Running"}))
    assert sorted(seen, key=lambda query: query["PageNumber"]) == [
        {"PageNumber": number, "PageSize": PAGE_SIZE, "Status": "Running"} for number in (1, 2, 3)
    ]


@pytest.mark.parametrize("value", ["abc", {"a": 1}, 5, True, [None], ["x"], [[]], [{}, 1]])
def test_what_is_no_list_of_objects_is_uncertain(value: object) -> None:
    with pytest.raises(Uncertain, match="ListThings: the cloud's answer has no readable Things"):
        items("ListThings", {"Things": value}, "Things")


@pytest.mark.parametrize("value", ["abc", 5, True, [1]])
def test_what_is_no_object_is_uncertain(value: object) -> None:
    with pytest.raises(Uncertain, match="no readable Data"):
        inner("ListThings", {"Data": value}, "Data")


@pytest.mark.parametrize("value", [None, [], {}, "", 0])
def test_nothing_is_empty(value: object) -> None:
    assert items("X", {"Things": value}, "Things") == []
    assert items("X", {}, "Things") == []
    assert inner("X", {"Things": value}, "Things") == {}


# --- instances, through the SDK ---


def instances(*numbers: int) -> Page:
    return [{"InstanceId": f"dsw-{number}", "InstanceName": f"n{number}"} for number in numbers]


def names(answers: Answers) -> list[str]:
    found = answers.run(DswClient, lambda client: client.all_instances())
    return [instance.instance_name for instance in found]


@pytest.mark.parametrize(
    ("pages", "count", "expected", "calls"),
    [
        ([], 0, [], 1),
        ([instances(1)], 1, ["n1"], 1),
        ([instances(1, 2), instances(3)], 3, ["n1", "n2", "n3"], 2),
        ([instances(1, 2), instances(2, 3)], 4, ["n1", "n2", "n3"], 2),
        ([instances(1)], None, ["n1"], 1),
    ],
    ids=["none", "one", "two pages", "one pushed over", "no count"],
)
def test_instances_of_all_pages(
    answers: Answers, pages: list[Page], count: int | None, expected: list[str], calls: int
) -> None:
    answers.pages("Instances", pages, count)
    assert names(answers) == expected
    assert sorted(asked.query["PageNumber"] for asked in answers.asked) == [str(n + 1) for n in range(calls)]


@pytest.mark.parametrize(
    ("pages", "count"),
    [
        ([instances(1, 2), instances(3)], 4),
        ([instances(1, 2), []], 3),
        ([[]], 1),
        ([instances(*range(100))], None),
        ([instances(1)], 10**8),
    ],
    ids=["one gone", "an empty page", "an empty first page", "a full page without count", "no end"],
)
def test_instances_that_may_be_missing_are_uncertain(
    answers: Answers, pages: list[Page], count: int | None
) -> None:
    """A notebook that isn't seen could be made a second time."""
    answers.pages("Instances", pages, count)
    with pytest.raises(Uncertain, match="ListInstances: "):
        names(answers)
    assert len(answers.asked) <= 3


def test_an_error_on_a_later_page_is_no_shorter_list(answers: Answers) -> None:
    answers.pages("Instances", [instances(1, 2), [{"InstanceName": "no id"}]], 3)
    with pytest.raises(CloudError, match="no readable InstanceId"):
        names(answers)


def test_every_page_is_of_all_workspaces_and_payments(answers: Answers) -> None:
    answers.pages("Instances", [instances(1), instances(2)], 2)
    assert names(answers) == ["n1", "n2"]
    filters = [(asked.query["WorkspaceId"], asked.query["ResourceId"]) for asked in answers.asked]
    assert filters == [("ALL", "ALL")] * 2


def test_types_of_all_pages(answers: Answers) -> None:
    answers.pages("EcsSpecs", [[{"InstanceType": "a"}], [{"InstanceType": "b"}]], 2)
    found = answers.run(DswClient, lambda client: client.list_ecs_specs("CPU"))
    assert [spec["InstanceType"] for spec in found] == ["a", "b"]
    assert {asked.query["AcceleratorType"] for asked in answers.asked} == {"CPU"}


def test_a_workspace_past_the_first_page_is_found(answers: Answers) -> None:
    many = [{"WorkspaceName": f"space_{i}", "WorkspaceId": str(i)} for i in range(100)]
    wanted = {"WorkspaceName": "space", "WorkspaceId": "7000"}
    answers.pages("Workspaces", [many, [wanted]], 101)
    found = answers.run(WorkspaceClient, lambda client: client.find_workspaces("space"))
    assert [one["WorkspaceId"] for one in found] == ["7000"]


@pytest.mark.parametrize("name", ["Space", "space_", "spac", " space"])
def test_a_workspace_of_another_name_is_none(answers: Answers, name: str) -> None:
    answers.always({"Workspaces": [{"WorkspaceName": name, "WorkspaceId": "1"}, {}], "TotalCount": 2})
    assert answers.run(WorkspaceClient, lambda client: client.find_workspaces("space")) == []


def test_saved_images_oldest_first_and_no_official_ones(answers: Answers) -> None:
    images = [
        {"ImageId": "image-b", "GmtCreateTime": "2026-02-01T00:00:00Z", "Accessibility": "PRIVATE"},
        {"ImageId": "image-o", "GmtCreateTime": "2020-01-01T00:00:00Z", "Accessibility": "PUBLIC"},
        {"ImageId": "image-a", "GmtCreateTime": "2026-01-01T00:00:00Z"},
    ]
    answers.pages("Images", [images[:2], images[2:]], 3)
    found = answers.run(WorkspaceClient, lambda client: client.list_images())
    assert [image.image_id for image in found] == ["image-a", "image-b"]
