"""«Уведомления», what to tell of, «Новости», and the bell."""
