from django.urls import URLPattern, path

from faza.desk.network.views import complexes, editing, moving, pages, replacing

# Codes of points may hold any character, so what follows a code is told by its last word.
urlpatterns: list[URLPattern] = [
    path("network/", pages.network, name="network"),
    path("network/branch/<int:pk>/", pages.branch, name="network-branch"),
    path("network/places/", pages.places, name="network-places"),
    path("network/move/", moving.points_move, name="points-move"),
    path("network/new-place/", editing.node_add, name="node-add"),
    path("network/new-point/", editing.point_add, name="point-add"),
    path("nodes/<int:pk>/", pages.node, name="node"),
    path("nodes/<int:pk>/edit/", editing.node_edit, name="node-edit"),
    path("nodes/<int:pk>/move/", moving.node_move, name="node-move"),
    path("nodes/<int:pk>/remove/", moving.node_remove, name="node-remove"),
    path("points/", pages.points, name="points"),
    path("points/<path:code>/edit/", editing.point_edit, name="point-edit"),
    path("points/<path:code>/replace/", replacing.replace, name="point-replace"),
    path("points/<path:code>/take-away/", replacing.take_away, name="point-take-away"),
    path("points/<path:code>/", pages.point, name="point"),
    path("complexes/<int:pk>/edit/", complexes.edit, name="complex-edit"),
    path("meters/", pages.meters, name="meters"),
    path("meters/new/", editing.meter_add, name="meter-add"),
    path("meters/types/", pages.meter_models, name="meter-models"),
    path("meters/types/new/", editing.model_add, name="model-add"),
    path("meters/types/<int:pk>/edit/", editing.model_edit, name="model-edit"),
    path("meters/<int:pk>/", pages.meter, name="meter"),
    path("meters/<int:pk>/edit/", editing.meter_edit, name="meter-edit"),
    path("transformers/", pages.transformers, name="transformers"),
    path("transformers/new/", editing.transformer_add, name="transformer-add"),
    path("transformers/<int:pk>/", pages.transformer, name="transformer"),
    path("transformers/<int:pk>/edit/", editing.transformer_edit, name="transformer-edit"),
]
