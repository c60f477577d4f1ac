"""Addresses of the import of a whole grid."""

from django.urls import path

from faza.desk.gridimport import deeds, views

urlpatterns = [
    path("import/", views.imports, name="import"),
    path("import/template.<str:ending>", views.template, name="import_template"),
    path("import/<int:pk>/", views.one, name="import_one"),
    path("import/<int:pk>/columns/", views.columns, name="import_columns"),
    path("import/<int:pk>/progress/", views.progress, name="import_progress"),
    path("import/<int:pk>/marked.xlsx", views.marked, name="import_marked"),
    path("import/<int:pk>/cell/", deeds.cell, name="import_cell"),
    path("import/<int:pk>/do/<str:deed>/", deeds.do, name="import_do"),
]
