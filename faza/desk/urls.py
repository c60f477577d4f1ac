"""Addresses of the desk: each area lists its own."""

from django.urls import path

from faza.desk import views
from faza.desk.alarms.urls import urlpatterns as of_alarms
from faza.desk.balances.urls import urlpatterns as of_balances
from faza.desk.cases.urls import urlpatterns as of_cases
from faza.desk.customers.urls import urlpatterns as of_customers
from faza.desk.exceptions.urls import urlpatterns as of_exceptions
from faza.desk.exchange.urls import urlpatterns as of_exchange
from faza.desk.gridimport.urls import urlpatterns as of_import
from faza.desk.network.urls import urlpatterns as of_network
from faza.desk.news.urls import urlpatterns as of_news
from faza.desk.office.urls import urlpatterns as of_office
from faza.desk.orders.urls import urlpatterns as of_orders
from faza.desk.photos import urlpatterns as of_photos
from faza.desk.polling.urls import urlpatterns as of_polling
from faza.desk.readings.urls import urlpatterns as of_readings
from faza.desk.reports.urls import urlpatterns as of_reports
from faza.desk.requests.urls import urlpatterns as of_requests
from faza.desk.rounds.urls import urlpatterns as of_rounds
from faza.desk.tariffs.urls import urlpatterns as of_tariffs
from faza.desk.windows.urls import urlpatterns as of_windows

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search_all, name="search"),
    path("filters/", views.keep_filter, name="filter-keep"),
    path("filters/<int:pk>/drop/", views.drop_filter, name="filter-drop"),
    *of_requests,
    *of_customers,
    *of_network,
    *of_import,
    *of_exchange,
    *of_polling,
    *of_balances,
    *of_orders,
    *of_photos,
    *of_readings,
    *of_rounds,
    *of_windows,
    *of_alarms,
    *of_cases,
    *of_exceptions,
    *of_news,
    *of_tariffs,
    *of_reports,
    *of_office,
]
