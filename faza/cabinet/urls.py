"""Addresses of the cabinet."""

from django.urls import path

from faza.cabinet import supply
from faza.cabinet.about import views as about
from faza.cabinet.account import devices, profile, request, sharing, tokens
from faza.cabinet.cases import views as cases
from faza.cabinet.costs import views as costs
from faza.cabinet.entry import views as entry
from faza.cabinet.entryfile import views as entry_files
from faza.cabinet.events import views as events
from faza.cabinet.help import views as helping
from faza.cabinet.history import views as history
from faza.cabinet.network import views as network
from faza.cabinet.notices import news
from faza.cabinet.notices import views as notices
from faza.cabinet.papers import views as papers
from faza.cabinet.registers import views as registers
from faza.cabinet.reports import runs as report_runs
from faza.cabinet.reports import views as reports
from faza.cabinet.resources import views as resources
from faza.cabinet.search import views as search
from faza.cabinet.views import files, pages, photos

app_name = "cabinet"
urlpatterns = [
    path("", pages.home, name="home"),
    path("data/", pages.metering_data, name="explorer"),
    path("data/why/", pages.why_estimated, name="why"),
    path("data/export/<slug:format>/", files.export, name="export"),
    path("events/", events.event_list, name="events"),
    path("events/file/<slug:format>/", events.event_file, name="events_file"),
    path("search/", search.search, name="search"),
    path("meters/", pages.meter_list, name="meters"),
    path("network/", network.network, name="network"),
    path("network/file/<slug:format>/", network.network_file, name="network_file"),
    path("passport/", papers.passport, name="passport"),
    path("complexes/", papers.complexes, name="complexes"),
    path("complexes/export/<slug:format>/", papers.complexes_file, name="complexes_file"),
    path("agreements/", papers.agreements, name="agreements"),
    path("agreements/<int:pk>/", papers.agreement, name="agreement"),
    path("registers/", registers.registers, name="registers"),
    path("registers/file/<slug:format>/", registers.registers_file, name="registers_file"),
    path("reports/", reports.reports, name="reports"),
    path("reports/made/", reports.report, name="report"),
    path("reports/save/", report_runs.save, name="report_save"),
    path("reports/own/<int:pk>/", report_runs.save, name="report_own"),
    path("reports/own/<int:pk>/delete/", report_runs.delete, name="report_delete"),
    path("reports/begin/", report_runs.begin, name="report_begin"),
    path("reports/runs/", report_runs.runs, name="report_runs"),
    path("reports/runs/<int:pk>/file/", report_runs.file, name="report_file"),
    path("reports/runs/<int:pk>/cancel/", report_runs.cancel, name="report_cancel"),
    path("entry/", entry.entry, name="entry"),
    path("entry/check/", entry.check, name="entry_check"),
    path("entry/answer/<int:pk>/", entry.answer, name="entry_answer"),
    path("entry/history/", entry.history, name="entry_history"),
    path("entry/history/<slug:format>/", entry.history_file, name="entry_history_file"),
    path("entry/photo/<int:pk>/", photos.of_entry, name="entry_photo"),
    path("entry/photo/held/<str:name>/", photos.held, name="entry_held_photo"),
    path("entry/file/", entry_files.files, name="entry_file"),
    path("entry/file/template.<str:ending>", entry_files.template, name="entry_file_template"),
    path("entry/file/<int:pk>/", entry_files.one, name="entry_file_one"),
    path("entry/file/<int:pk>/remarks/", entry_files.remarks, name="entry_file_remarks"),
    path("entry/file/<int:pk>/send/", entry_files.send, name="entry_file_send"),
    path("entry/file/<int:pk>/drop/", entry_files.drop, name="entry_file_drop"),
    path("entry/file/<int:pk>/resume/", entry_files.resume, name="entry_file_resume"),
    path("costs/", costs.costs, name="costs"),
    path("costs/file/<slug:format>/", costs.costs_file, name="costs_file"),
    path("help/", helping.index, name="help"),
    path("help/<slug:slug>/", helping.topic, name="help_topic"),
    path("about/", about.about, name="about"),
    path("resources/", resources.resources, name="resources"),
    path("history/", history.history, name="history"),
    path("history/file/<slug:format>/", history.history_file, name="history_file"),
    path("supply/", supply.requests, name="supply"),
    path("supply/<int:pk>/back/", supply.take_back, name="supply_back"),
    path("cases/", cases.case_list, name="cases"),
    path("cases/new/", cases.new, name="case_new"),
    path("cases/<int:pk>/", cases.case, name="case"),
    path("cases/<int:pk>/say/", cases.say, name="case_say"),
    path("cases/<int:pk>/end/", cases.end, name="case_end"),
    path("notices/", notices.notices, name="notices"),
    path("notices/<int:pk>/", notices.follow, name="notice"),
    path("notices/mark/", notices.mark, name="notices_mark"),
    path("notices/bell/", notices.bell, name="bell"),
    path("notices/subscriptions/", notices.wishes, name="subscriptions"),
    path("notices/limits/", notices.add_limit, name="limit_add"),
    path("notices/limits/<int:pk>/drop/", notices.drop_limit, name="limit_drop"),
    path("news/", news.news_list, name="news"),
    path("news/<int:pk>/", news.piece, name="news_piece"),
    path("news/read/", news.read_all, name="news_read"),
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
    path("oauth/authorize/", sharing.authorize, name="authorize"),
    path("profile/tokens/", tokens.token_list, name="tokens"),
    path("profile/tokens/new/", tokens.make, name="token_new"),
    path("profile/tokens/link/", sharing.share, name="share_new"),
    path("profile/tokens/<int:pk>/", tokens.one, name="token"),
    path("profile/tokens/<int:pk>/revoke/", tokens.revoke, name="token_revoke"),
    path("profile/devices/", devices.device_list, name="devices"),
    path("profile/devices/connect/", devices.connect, name="connect"),
    path("profile/devices/connect/<int:pk>/confirm/", devices.confirm, name="connect_confirm"),
    path("profile/devices/connect/<int:pk>/refuse/", devices.refuse, name="connect_refuse"),
    path("profile/devices/<int:pk>/revoke/", devices.revoke, name="device_revoke"),
    path("profile/close/", profile.close, name="close"),
    path("profile/customer/", profile.act_for, name="act_for"),
]
