from tests.doors.table import DEED, DESK, HERE, Door, by

EDIT = by(403, anonymous=302, elsewhere=404, operator=200, administrator=200)
"""A form of the operator's for something of this part of the network; the auditor only reads."""
ANYWHERE = by(403, anonymous=302, elsewhere=200, operator=200, administrator=200)
"""A form of any operator's; what it names is looked for in the own areas."""
THERE = by(404, anonymous=302, outside=403, elsewhere=200, auditor=200, administrator=200)
"""As HERE, from the other side: the operator here does not find what stands there."""
WRONG = by(403, anonymous=302, elsewhere=404, operator=422, administrator=422)
"""A deed told so that it cannot be done; the form says why."""

NODE = {"name": "Здесь-Сети", "kind": "other", "code": "HERE"}
POINT = {"name": "Здесь-Квартира 7", "code": "{point}", "phases": "1", "voltage_level": "LV"}
MODEL = {
    **{"name": "Новый", "manufacturer": "Пример", "phases": "1"},
    **{"digits": "6", "decimals": "2", "tariffs": "4"},
}
TRANSFORMER = {
    **{"kind": "CT", "type_name": "Т", "number": "new"},
    **{"ratio_numerator": "200", "ratio_denominator": "5"},
}
MOVE = {"chosen": "{point_id}", "to": "{place}", "sure": "1"}
INTO_ANOTHERS = {"chosen": "{point_id}", "to": "{there_place}", "sure": "1"}

DOORS = [
    Door("desk:network", DESK),
    Door("desk:network", HERE, query="?node={node}"),
    Door("desk:network", THERE, query="?node={there_node}"),
    Door("desk:network", HERE, query="?point={point}"),
    Door("desk:network", HERE, query="?node={node}&point={point}&tab=access"),
    Door("desk:network", THERE, query="?point={there_point}&tab=history"),
    # A place that is one's own with a point that is not.
    Door("desk:network", by(404, anonymous=302, outside=403, auditor=200, administrator=200),
         query="?node={node}&point={there_point}"),
    # One place found is opened at once.
    Door("desk:network", by(200, anonymous=302, outside=403, elsewhere=302, operator=302),
         query="?find=Сети"),
    Door("desk:network", DESK, query="?find=nothing"),
    Door("desk:network", HERE, query="?node={node}&export=csv"),
    Door("desk:network", HERE, query="?node={node}&export=xlsx"),
    Door("desk:network-branch", HERE, args=("{node}",)),
    Door("desk:network-branch", THERE, args=("{there_node}",)),
    Door("desk:network-places", DESK, query="?to=Сети"),
    Door("desk:points-move", ANYWHERE, body={"chosen": "{point_id}"}),
    Door("desk:points-move", ANYWHERE, body={"chosen": "{there_point_id}"}),
    Door("desk:points-move", EDIT, body={"all": "1", "filters": "q=Здесь", "node": "{node}"}),
    Door("desk:points-move", ANYWHERE, body={"all": "1", "filters": "q=Там"}),
    Door("desk:points-move", by(403, anonymous=302, elsewhere=200, operator=404,
                                administrator=200),
         body={"all": "1", "filters": "", "node": "{there_node}"}),
    Door("desk:points-move", by(403, anonymous=302, elsewhere=422, operator=302,
                                administrator=302), body=MOVE),
    Door("desk:points-move", by(403, anonymous=302, elsewhere=422, operator=422,
                                administrator=302), body=INTO_ANOTHERS),
    Door("desk:node-add", EDIT, query="?parent={node}"),
    Door("desk:node-add", by(403, anonymous=302, elsewhere=404, operator=404, administrator=200)),
    Door("desk:node-add", DEED, query="?parent={node}",
         body={"name": "Дом", "kind": "building", "code": "NEW"}),
    Door("desk:point-add", EDIT, query="?node={node}"),
    Door("desk:point-add", DEED, query="?node={node}",
         body=POINT | {"code": "NEW", "zone": "Europe/Moscow", "resource": "electricity"}),
    Door("desk:node", HERE, args=("{node}",)),
    Door("desk:node", THERE, args=("{there_node}",)),
    Door("desk:node-edit", EDIT, args=("{node}",)),
    Door("desk:node-edit", DEED, args=("{node}",), body=NODE),
    Door("desk:node-edit", WRONG, args=("{node}",), body=NODE | {"name": ""}),
    Door("desk:node-move", EDIT, args=("{node}",)),
    Door("desk:node-move", WRONG, args=("{node}",), body={"to": "{place}"}),
    Door("desk:node-move", by(403, anonymous=302, elsewhere=404, operator=422, administrator=302),
         args=("{node}",), body={"to": "{there_place}"}),
    Door("desk:node-remove", DEED, args=("{node}",), post=True),
    Door("desk:points", DESK),
    Door("desk:points", DESK, query="?q=Там"),
    Door("desk:points", DESK, query="?q=Здесь&export=csv"),
    Door("desk:points", DESK, query="?export=xlsx"),
    Door("desk:point", HERE, args=("{point}",)),
    Door("desk:point", THERE, args=("{there_point}",)),
    *(Door("desk:point", HERE, args=("{point}",), query=f"?tab={tab}")
      for tab in ("data", "access", "history")),
    Door("desk:point-edit", EDIT, args=("{point}",)),
    Door("desk:point-edit", DEED, args=("{point}",), body=POINT),
    # A code that is another's already.
    Door("desk:point-edit", WRONG, args=("{point}",), body=POINT | {"code": "{there_point}"}),
    # Fields that are none of the form's change nothing.
    Door("desk:point-edit", DEED, args=("{point}",),
         body=POINT | {"node": "{there_node}", "zone": "Asia/Omsk"}),
    Door("desk:point-replace", EDIT, args=("{point}",)),
    Door("desk:point-replace", WRONG, args=("{point}",), body={"step": "when"}),
    Door("desk:point-take-away", EDIT, args=("{point}",)),
    Door("desk:point-take-away", WRONG, args=("{point}",), body={"step": "when"}),
    Door("desk:complex-edit", EDIT, args=("{complex}",)),
    Door("desk:complex-edit", DEED, args=("{complex}",),
         body={"role": "billing", "transformers": "", "ct": "1", "vt": "1"}),
    # A transformer of another part of the network is not there.
    Door("desk:complex-edit", by(403, anonymous=302, elsewhere=404, operator=422,
                                 administrator=302), args=("{complex}",),
         body={"role": "billing", "transformers": "there_ct", "ct": "1", "vt": "1"}),
    Door("desk:meters", DESK),
    Door("desk:meters", DESK, query="?due=unknown&place=standing"),
    Door("desk:meters", DESK, query="?export=csv"),
    Door("desk:meter-add", ANYWHERE),
    Door("desk:meter-add", by(403, anonymous=302, elsewhere=302, operator=302, administrator=302),
         body={"model": "{model}", "number": "new"}),
    Door("desk:meter-models", DESK),
    Door("desk:model-add", ANYWHERE),
    Door("desk:model-add", by(403, anonymous=302, elsewhere=302, operator=302, administrator=302),
         body=MODEL),
    Door("desk:model-edit", ANYWHERE, args=("{model}",)),
    Door("desk:model-edit", by(403, anonymous=302, elsewhere=302, operator=302, administrator=302),
         args=("{model}",), body=MODEL),
    Door("desk:meter", HERE, args=("{meter}",)),
    Door("desk:meter", THERE, args=("{there_meter}",)),
    Door("desk:meter-edit", EDIT, args=("{meter}",)),
    Door("desk:meter-edit", DEED, args=("{meter}",), body={"model": "{model}", "number": "new"}),
    Door("desk:transformers", DESK),
    Door("desk:transformers", DESK, query="?export=xlsx"),
    Door("desk:transformer-add", ANYWHERE),
    Door("desk:transformer-add", by(403, anonymous=302, elsewhere=302, operator=302,
                                    administrator=302), body=TRANSFORMER),
    Door("desk:transformer", HERE, args=("{transformer}",)),
    Door("desk:transformer", THERE, args=("{there_transformer}",)),
    Door("desk:transformer-edit", EDIT, args=("{transformer}",)),
    Door("desk:transformer-edit", DEED, args=("{transformer}",), body=TRANSFORMER),
]  # fmt: skip
