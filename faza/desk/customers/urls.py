from django.urls import path

from faza.desk.customers.views import agreements, bindings, customers, dwellings

urlpatterns = [
    path("customers/", customers.listing, name="customers"),
    path("customers/add/", customers.add, name="customer-add"),
    path("customers/<int:pk>/", customers.card, name="customer"),
    path("customers/<int:pk>/edit/", customers.edit, name="customer-edit"),
    path("customers/<int:pk>/admit/", customers.admit, name="member-admit"),
    path("customers/<int:customer>/agreement/", agreements.add, name="agreement-add"),
    path("members/<int:pk>/dismiss/", customers.dismiss, name="member-dismiss"),
    path("agreements/", agreements.listing, name="agreements"),
    path("agreements/close/", agreements.close_many, name="agreements-close"),
    path("agreements/<int:pk>/", agreements.card, name="agreement"),
    path("agreements/<int:pk>/edit/", agreements.edit, name="agreement-edit"),
    path("agreements/<int:pk>/normative/", dwellings.normative, name="agreement-normative"),
    path("agreements/<int:pk>/close/", agreements.close, name="agreement-close"),
    path("agreements/<int:pk>/bind/", bindings.bind, name="point-bind"),
    path("bindings/<int:pk>/", bindings.change, name="binding"),
    path("bindings/<int:pk>/remove/", bindings.remove, name="binding-remove"),
]
