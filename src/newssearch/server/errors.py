"""How errors become answers: a page that says what to do, or JSON where a program asked."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from ..errors import IndexMissing, NewsSearchError
from .texts import TEXTS

API = "/api/"


@dataclass(frozen=True, slots=True)
class Fault:
    """An error as the faces show it; `message` and `hint` are for those who run the machine."""

    status: int
    code: str
    message: str
    hint: str = ""

    @property
    def key(self) -> str:
        """The key of the texts that say it to a reader."""
        if self.status in (503, 507):
            return "error_unavailable"
        if self.status >= 500:
            return "error_internal"
        return f"error_{self.code}" if f"error_{self.code}" in TEXTS else "error_bad_request"


def register(app: Flask) -> None:
    """Let the application answer every error in its own words."""

    @app.errorhandler(NewsSearchError)
    def known(error: NewsSearchError) -> ResponseReturnValue:
        return _answer(Fault(error.http_status, error.code, error.message, error.hint), error)

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> ResponseReturnValue:
        status = error.code or 500
        if status < 400:
            return error.get_response()
        code = {404: "not_found", 405: "method_not_allowed"}.get(status, "bad_request" if status < 500 else "internal")
        response = make_response(_answer(Fault(status, code, error.description or error.name), error))
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return response

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> ResponseReturnValue:
        current_app.logger.error("request %s: %s", g.request_id, request.full_path, exc_info=error)
        hint = f"The server's log has the details under the request {g.request_id}."
        return _answer(Fault(500, "internal", "newssearch itself failed on this request.", hint), error)


def _answer(fault: Fault, error: Exception) -> ResponseReturnValue:
    if request.path.startswith(API):
        return jsonify({"error": {"code": fault.code, "message": fault.message, "hint": fault.hint}}), fault.status
    template = "first-run.html" if isinstance(error, IndexMissing) else "error.html"
    return render_template(template, fault=fault), fault.status
