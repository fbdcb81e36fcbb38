"""The addresses by which people come in and look after their own account.

Names without a prefix are those that django-allauth asks for; only the pages of it that are needed have an
address.
"""

from django.urls import include, path, re_path

from .views import (
    acting,
    joining,
    my_data,
    password,
    rescue,
    second_factor,
    security,
    sessions,
    signing_in,
    unsubscribing,
)

own_patterns = [
    path("inscription/", joining.sign_up, name="sign_up"),
    path("inscription/code/", joining.sign_up_code, name="sign_up_code"),
    path("inscription/code/renvoyer/", joining.resend_code, name="resend_code"),
    path("inscription/suite/", joining.welcome, name="welcome"),
    path("inscription/<slug:slug>/", joining.sign_up_as, name="sign_up_as"),
    path("invitation/<str:token>/", joining.invitation, name="invitation"),
    path("compte/rattachement/", joining.claim, name="claim"),
    path("avis/desabonnement/<str:token>/", unsubscribing.unsubscribe, name="unsubscribe"),
    path("compte/securite/", security.security, name="security"),
    path("compte/agir/<int:pk>/", acting.act_for, name="act_for"),
    path("compte/retour/", acting.come_back, name="come_back"),
    path(
        "compte/secours/<int:pk>/",
        rescue.TakeSecondFactorAway.as_view(),
        name="take_second_factor_away",
    ),
    path("compte/donnees/", my_data.my_data, name="my_data"),
    path("compte/donnees/telecharger/", my_data.download, name="my_data_download"),
    path("compte/donnees/accord/<slug:code>/", my_data.consent, name="my_data_consent"),
    path("compte/donnees/effacement/", my_data.ask_erasure, name="my_data_erasure"),
    path("compte/donnees/effacement/retirer/", my_data.withdraw_erasure, name="my_data_erasure_withdraw"),
]

urlpatterns = [
    path("", include((own_patterns, "access"))),
    path("connexion/", signing_in.SignIn.as_view(), name="account_login"),
    path("connexion/second-facteur/", signing_in.SecondFactor.as_view(), name="mfa_authenticate"),
    path("deconnexion/", signing_in.SignOut.as_view(), name="account_logout"),
    path("mot-de-passe-oublie/", password.AskForReset.as_view(), name="account_reset_password"),
    path("mot-de-passe-oublie/envoye/", password.ResetAsked.as_view(), name="account_reset_password_done"),
    path(
        "mot-de-passe-oublie/termine/",
        password.ResetDone.as_view(),
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^mot-de-passe-oublie/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        password.ResetPassword.as_view(),
        name="account_reset_password_from_key",
    ),
    path("compte/confirmer/", signing_in.ConfirmByPassword.as_view(), name="account_reauthenticate"),
    path("compte/confirmer/code/", signing_in.ConfirmByCode.as_view(), name="mfa_reauthenticate"),
    path("compte/mot-de-passe/", password.ChangePassword.as_view(), name="account_change_password"),
    path("compte/securite/", security.security, name="mfa_index"),
    path("compte/securite/application/", second_factor.ActivateApp.as_view(), name="mfa_activate_totp"),
    path(
        "compte/securite/application/retirer/",
        second_factor.DeactivateApp.as_view(),
        name="mfa_deactivate_totp",
    ),
    path("compte/securite/codes/", second_factor.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path(
        "compte/securite/codes/nouveaux/",
        second_factor.MakeRecoveryCodes.as_view(),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "compte/securite/codes/telecharger/",
        second_factor.DownloadRecoveryCodes.as_view(),
        name="mfa_download_recovery_codes",
    ),
    path("compte/sessions/", sessions.sessions, name="usersessions_list"),
]
