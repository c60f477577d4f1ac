from django.urls import URLPattern, path

from faza.desk.reports import views

urlpatterns: list[URLPattern] = [
    path("reports/", views.reports, name="reports"),
    path("reports/make/", views.make, name="report-make"),
    path("reports/begin/", views.begin, name="report-begin"),
    path("reports/runs/", views.runs, name="report-runs"),
    path("reports/<int:pk>/file/", views.file, name="report-file"),
    path("reports/<int:pk>/cancel/", views.cancel, name="report-cancel"),
]
