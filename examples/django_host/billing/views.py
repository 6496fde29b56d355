"""The requests behind the buttons of the host."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.http import JsonResponse
from django.views.decorators.http import require_POST

from ...harbor_point import PM
from .retry import run_with_retry
from .send import send

if TYPE_CHECKING:
    from django.http import HttpRequest


# With ATOMIC_REQUESTS the whole view is a transaction; a view that may run again begins its own.
@transaction.non_atomic_requests
@require_POST
def send_bills(request: HttpRequest) -> JsonResponse:
    """Send the bills of the form's field ``bill``, and answer for each."""
    # PM stands for your users and their permissions.
    answers = run_with_retry(partial(send, request.POST.getlist("bill"), PM))
    results = [
        {
            "id": answer.id,
            "allowed": answer.verdict.allowed,
            "status": answer.entry.status.value,
            "why_not": [denial.message for denial in answer.verdict.denials],
        }
        for answer in answers
    ]
    return JsonResponse({"results": results})
