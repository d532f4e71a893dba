"""What every row has."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from flowstudio.store.ids import new_id

ID_LENGTH = 26


class Row(models.Model):
    """A row with an id made in memory (opaque and time-ordered)."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)

    class Meta:
        abstract: ClassVar[bool] = True
