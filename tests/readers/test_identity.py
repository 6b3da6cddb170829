"""The quick ways to an address's normal form and host lead where the long ones do."""


import pytest
from hypothesis import given
from hypothesis import strategies as st

from newssearch import identity
from newssearch.identity import host_of, normalize_url

pieces = ["http", "https", "HTTP", "://", "www.", "bao.vn", "Bao.VN", ":80", ":443", ":8080", "/", "//", "tin-1.html", "?a=1", "&b", "?utm_source=x", "#c", "%20", "%41", "ă", "\u0301", " ", "\n", "[", "]", "@", ".", ";", "'", "+", "\\", "~"]
addresses = st.lists(st.sampled_from(pieces), max_size=9).map("".join)


@given(addresses | addresses.map("https://".__add__))
def test_the_quick_way_changes_no_address(url: str) -> None:
    quick = normalize_url(url), host_of(url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identity, "_PLAIN", identity.re.compile(r"(?!)"))
        patch.setattr(identity, "_ORIGIN", identity.re.compile(r"(?!)"))
        assert quick == (normalize_url(url), host_of(url))


def test_addresses_lose_their_noise() -> None:
    assert normalize_url("https://www.Bao.vn:443/tin.html?b=2&utm_source=x&a=1#c") == "bao.vn/tin.html?a=1&b=2"
    assert normalize_url("http://www.bao.vn/tin/") == normalize_url("https://bao.vn/tin") == "bao.vn/tin"
    assert normalize_url("ftp://bao.vn/tin") == host_of("ftp://bao.vn/tin") == ""
    assert host_of("https://www.bao.vn:8080/tin") == "bao.vn"
