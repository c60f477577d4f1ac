import pytest


@pytest.mark.parametrize("address", ["/desk/points/%00/", "/?point=%00", "/?q=a%00b"])
def test_an_address_with_a_nul_is_refused_before_anybody_is_asked(client, address):
    assert client.get(address).status_code == 400


@pytest.mark.django_db
def test_other_odd_addresses_are_not(client):
    assert client.get("/accounts/login/?next=%2500").status_code == 200
