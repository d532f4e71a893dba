"""`manage.py signin` prints a one-time sign-in link: nobody is locked out of their own machine."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from flowstudio.services import accounts
from flowstudio.store.models import User


class Command(BaseCommand):
    help = "Prints a link that signs in once, within 24 hours."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", default="main", help="whose first admin signs in (default: main)")
        parser.add_argument("--email", default="", help="sign this member in instead")

    def handle(self, *args: Any, **options: Any) -> None:
        slug, email = options["workspace"], options["email"].strip().lower()
        if email:
            user = User.objects.filter(email=email, is_active=True, memberships__workspace__slug=slug).first()
            if user is None:
                raise CommandError(f"There is no member {email} in the workspace {slug!r}.")
        else:
            _, user = accounts.ensure_workspace(slug=slug, name=slug.title(), admin_email="admin@flowstudio.example")
        self.stdout.write(f"{settings.FLOWSTUDIO_PUBLIC_URL}/signin/link#token={accounts.make_link(user)}")
