"""The words that say what other words of a name are there for."""

from __future__ import annotations


def listed(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


# Words about the role of a value in a test, not about the value.
NOISE = listed(
    """
    expected expect exp return returned returns value values val result results res
    ret actual want wanted observed input output arg args kwarg kwargs param params
    the a an my self mock mocked stub stubbed get set side effect cls retval rv
    """
)
IDS = listed(
    """
    id ids uuid uuids guid guids uid nguid identifier identifiers pk
    """
)
ADDRESSES = listed(
    """
    ip ips ipv4 ipv6 address addresses addr addrs host hosts cidr cidrs prefix
    prefixes range ranges v4 v6 ipaddr ipaddress ipaddresses ip4 ip6
    """
)
# What an address is of, where no word says that it is one.
PLACES = listed(
    """
    network subnet gateway gw router server node peer neighbor nexthop hop dns
    endpoint interface nic source src destination dest dst vip client
    """
)
# What has an address, so that its name may be one.
HOSTS = listed("host hostname domain fqdn machine vm instance broker worker master ip")
# Words that name no thing.
EMPTY = listed(
    """
    name names key keys data body obj object objects item items entity element
    elements ref refs href url path uri string str text test
    tests testing fake fakes dummy sample example foo bar baz qux tmp temp first
    second third last other another new old some one two three x y z i j k v s t u b
    c d e f n m p q me filter filters query match matches request req response resp
    info information metadata message msg content contents payload spec specs config
    conf props prop property attributes attribute attrs attr fields field updates
    update default defaults options opts opt kw context ctx ctxt random unique valid
    invalid good bad same different list lists dict dicts set tuple type types kind
    in out is by for to from of on at with and or not no left
    right correct wrong existing missing nonexistent nonexisting unknown multi
    multiple single all any each index count number num entry entries record records
    row rows this that it cmd command call calls func function method model models
    instance_of create created delete deleted show updated original modified current
    previous next initial final unittest case suffix line word words part parts
    piece hash digest generic real actual_value checks check endswith startswith
    separator delimiter search version sub raw subs validate validates validation
    successful succeeded failed empty captured best closest nearest longest shortest
    """
)
LEADING = listed(
    """
    fake test mock dummy sample expected new updated orig original create get show
    list delete update make build stub add remove find fetch generate gen prepare
    create_ do call init setup assert check verify validate wait the a my all any one
    two dead alive live down up disabled enabled stale orphaned obsolete broken error
    failed failing
    """
)
TRAILING = listed(
    """
    obj object objects dict data info body ref response resp result fixture mock
    kwargs args values attrs attributes json xml model entity record row params
    payload spec details request req doc document meta dic list ovo update updates cmd
    status state sample create get show delete
    """
)
MAKERS = listed(
    """
    create get show delete update make build fake new stub add generate gen find
    fetch
    """
)
# Words that name no thing alone, but what of a thing has the id or the address.
PARTS = listed(
    """
    message config conf spec type request response first last key hash version
    function property context record data
    """
)
# And those of them that an identifier alone speaks of clearly.
NUMBERED = listed("message config request index query model function")
# What reaches a thing, or tells of it: the address that it is given is not its own.
REACHING = listed(
    "client connection session driver adapter api proxy error exception failure"
)
NEGATIONS = listed("not no non without never insensitive")
PREPOSITIONS = listed(
    """
    by for with to from in of on at as and or without
    """
)
NO_PLURALS = listed("dns nfs cifs gpfs cephfs qos sos aws kms hns rds iops macs tls")
# Words that end in "id" or "ip" and speak of neither.
NOT_JOINED = listed(
    """
    grid raid void paid unpaid prepaid acid avid valid invalid fluid liquid solid rapid
    druid hybrid android squid maid said
    zip gzip chip clip flip grip trip strip skip slip equip gossip
    """
)
