from django.urls import URLPattern, path

from faza.desk.polling.views import deeds, pages, setup

urlpatterns: list[URLPattern] = [
    path("polling/", pages.polling, name="polling"),
    path("polling/meters/", pages.devices, name="polling-devices"),
    path("polling/meters/read/", deeds.read_many, name="polling-read-many"),
    path("polling/meters/<int:meter>/read/", deeds.read_now, name="polling-read"),
    path("polling/meters/<int:meter>/clock/", deeds.clock, name="polling-clock"),
    path("polling/meters/<int:meter>/edit/", setup.device_edit, name="polling-device-edit"),
    path("polling/sessions/<int:pk>/", pages.session_file, name="polling-session-file"),
    path("polling/commands/<int:pk>/", pages.command, name="polling-command"),
    path("polling/commands/<int:pk>/cancel/", deeds.cancel, name="polling-cancel"),
    path("polling/lines/", pages.lines, name="polling-lines"),
    path("polling/lines/new/", setup.line_add, name="polling-line-add"),
    path("polling/lines/<int:pk>/edit/", setup.line_edit, name="polling-line-edit"),
    path("polling/groups/new/", setup.plan_add, name="polling-plan-add"),
    path("polling/groups/<int:pk>/edit/", setup.plan_edit, name="polling-plan-edit"),
    path("polling/access/", pages.access_sets, name="polling-access"),
    path("polling/access/new/", setup.access_add, name="polling-access-add"),
    path("polling/access/<int:pk>/edit/", setup.access_edit, name="polling-access-edit"),
]
