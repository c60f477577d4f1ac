"""Addresses of the cabinet."""

from django.urls import path

from faza.cabinet import supply
from faza.cabinet.account import profile, request
from faza.cabinet.cases import views as cases
from faza.cabinet.views import files, pages

app_name = "cabinet"
urlpatterns = [
    path("", pages.home, name="home"),
    path("data/", pages.metering_data, name="explorer"),
    path("data/why/", pages.why_estimated, name="why"),
    path("data/export/<slug:format>/", files.export, name="export"),
    path("meters/", pages.meter_list, name="meters"),
    path("supply/", supply.requests, name="supply"),
    path("supply/<int:pk>/back/", supply.take_back, name="supply_back"),
    path("cases/", cases.case_list, name="cases"),
    path("cases/new/", cases.new, name="case_new"),
    path("cases/<int:pk>/", cases.case, name="case"),
    path("cases/<int:pk>/say/", cases.say, name="case_say"),
    path("cases/<int:pk>/end/", cases.end, name="case_end"),
    path("request/", request.request_page, name="request"),
    path("request/write/", request.write, name="request_write"),
    path("request/correct/", request.correct, name="request_correct"),
    path("profile/", profile.profile, name="profile"),
    path("profile/sign-ins/", profile.sign_ins, name="sign_ins"),
    path("profile/consents/", profile.consents, name="consents"),
    path("profile/consents/withdraw/", profile.withdraw, name="withdraw"),
    path("profile/consents/accept/", profile.accept_texts, name="accept_texts"),
    path("profile/data/", profile.data, name="own_data"),
    path("profile/data/file/", profile.data_file, name="own_data_file"),
    path("profile/close/", profile.close, name="close"),
    path("profile/customer/", profile.act_for, name="act_for"),
]
