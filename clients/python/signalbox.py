"""Client of Signalbox 0.2.0: submits events, follows and steers the jobs that they start.

Made by npm run docs from openapi/openapi.json; do not edit. Nothing but Python's own library is needed.

    from signalbox import Signalbox
    box = Signalbox("http://127.0.0.1:3000")
    event = box.submit("new_assembly", subject="minimus_exemplaris", data={"assembly": "MEX1"})
    for process, job in event["jobs"]:
        print(box.wait(process, job)["status"])
"""

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

ENDED = ("complete", "failed", "cancelled", "absorbed")
MAY_PASS = (429, 502, 503, 504)


class SignalboxError(Exception):
    """What the service refused, or that it could not be reached. `code` is stable, the message is not."""

    def __init__(self, message, code, status=None, field=None):
        super().__init__(message)
        self.code = code
        self.status = status
        self.field = field


def _quote(part):
    return urllib.parse.quote(str(part), safe="")


def _text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


class Signalbox:
    """One service. The key is that of SIGNALBOX_TOKEN where none is given."""

    def __init__(self, url=None, token=None, timeout=30, tries=4):
        self.url = (url or os.environ.get("SIGNALBOX_URL") or "http://127.0.0.1:3000").rstrip("/")
        self.token = token or os.environ.get("SIGNALBOX_TOKEN")
        self.timeout = timeout
        self.tries = tries

    def submit(self, type, subject=None, data=None, id=None, source=None, **attributes):
        """Submits an event. It gets an id here, so that it starts once however often it has to be sent."""
        given = {"type": type, "subject": subject, "data": data, "source": source or "urn:python", **attributes}
        event = {name: value for name, value in given.items() if value is not None}
        event["id"] = id or str(uuid.uuid4())
        answer = self.submit_event(event, verbose=True)
        jobs = [(one["process"], one["job"]) for one in answer["processes"]]
        return {"event": event, "jobs": jobs}

    def wait(self, process, job, seconds=3600):
        """The job once it has ended, or as it is when the time is up."""
        until = time.monotonic() + seconds
        while True:
            left = until - time.monotonic()
            found = self.get_job(process, job, wait=int(max(0, min(20, left))))
            if found["status"] in ENDED or left <= 0:
                return found

    def pages(self, method, *args, **query):
        """All items of a list: `for event in box.pages(box.list_events, type="new_assembly")`."""
        while True:
            page = method(*args, **query)
            yield from page["items"]
            if not page.get("next"):
                return
            query["cursor"] = page["next"]

    def call(self, method, path, query=None, body=None, content_type="application/json"):
        """One request, again where that may help: a repeat of the same event or change does nothing more."""
        pairs = {name: _text(value) for name, value in (query or {}).items() if value is not None}
        url = self.url + path + ("?" + urllib.parse.urlencode(pairs) if pairs else "")
        sent = None if body is None else json.dumps(body).encode()
        for attempt in range(1, self.tries + 1):
            request = urllib.request.Request(url, data=sent, method=method)
            request.add_header("accept", "application/json")
            if sent is not None:
                request.add_header("content-type", content_type)
            if self.token:
                request.add_header("authorization", "Bearer " + self.token)
            try:
                with urllib.request.urlopen(request, timeout=self.timeout) as answer:
                    text = answer.read().decode()
                    is_json = answer.headers.get_content_type().endswith("json")
                    return json.loads(text) if is_json and text else text or None
            except urllib.error.HTTPError as error:
                failure, pause = self._refused(error), float(error.headers.get("retry-after") or attempt)
                if error.code not in MAY_PASS or attempt == self.tries:
                    raise failure from None
            except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
                pause = attempt / 2
                if attempt == self.tries:
                    reason = getattr(error, "reason", error)
                    raise SignalboxError(f"{self.url} does not answer: {reason}", "CONNECTION_FAILED") from error
            time.sleep(min(pause, 10))

    @staticmethod
    def _refused(error):
        try:
            told = json.loads(error.read().decode())
        except ValueError:
            told = {}
        return SignalboxError(told.get("message", str(error)), told.get("code", "INVALID_ANSWER"), error.code, told.get("field"))

    def submit_event(self, body=None, *, dry_run=None, type=None, verbose=None):
        """Submit an event (POST /jobs)."""
        return self.call(
            "POST",
            "/jobs",
            query={"dry_run": dry_run, "type": type, "verbose": verbose},
            body=body,
        )

    def list_failed_jobs(self, *, status=None, process=None, subject=None, reason_contains=None, pattern=None, since=None, until=None, handled=None, limit=None, cursor=None):
        """The failed jobs of all processes that somebody has to look at, the last failure first (GET /jobs)."""
        return self.call(
            "GET",
            "/jobs",
            query={"status": status, "process": process, "subject": subject, "reason_contains": reason_contains, "pattern": pattern, "since": since, "until": until, "handled": handled, "limit": limit, "cursor": cursor},
        )

    def get_job(self, process, id, *, wait=None, format=None, email=None):
        """One job: where it stands and what came of it (GET /jobs/{process}/{id})."""
        return self.call(
            "GET",
            f"/jobs/{_quote(process)}/{_quote(id)}",
            query={"wait": wait, "format": format, "email": email},
        )

    def cancel_job(self, process, id):
        """Cancel a job; remove a finished one (DELETE /jobs/{process}/{id})."""
        return self.call(
            "DELETE",
            f"/jobs/{_quote(process)}/{_quote(id)}",
        )

    def get_job_log(self, process, id, *, start=None, tail=None, limit=None, wait=None):
        """What a job has written to its log (GET /jobs/{process}/{id}/log)."""
        return self.call(
            "GET",
            f"/jobs/{_quote(process)}/{_quote(id)}/log",
            query={"start": start, "tail": tail, "limit": limit, "wait": wait},
        )

    def list_child_jobs(self, process, id, *, limit=None, cursor=None):
        """The jobs that a job has started by submitting events with itself as `parent`, oldest first (GET /jobs/{process}/{id}/children)."""
        return self.call(
            "GET",
            f"/jobs/{_quote(process)}/{_quote(id)}/children",
            query={"limit": limit, "cursor": cursor},
        )

    def list_job_events(self, process, id, *, limit=None, cursor=None):
        """The follow-on events of a job, in the order of its result (GET /jobs/{process}/{id}/events)."""
        return self.call(
            "GET",
            f"/jobs/{_quote(process)}/{_quote(id)}/events",
            query={"limit": limit, "cursor": cursor},
        )

    def list_jobs(self, process, *, status=None, subject=None, limit=None, cursor=None):
        """The jobs of a process, newest first (GET /jobs/{process})."""
        return self.call(
            "GET",
            f"/jobs/{_quote(process)}",
            query={"status": status, "subject": subject, "limit": limit, "cursor": cursor},
        )

    def retry_job(self, process, id):
        """Run a failed or cancelled job again, under the same id (POST /jobs/{process}/{id}/retry)."""
        return self.call(
            "POST",
            f"/jobs/{_quote(process)}/{_quote(id)}/retry",
        )

    def group_failed_jobs(self, *, group=None, process=None, subject=None, reason_contains=None, pattern=None, since=None, until=None, handled=None, limit=None, cursor=None):
        """The failed jobs by process and cause, the largest group first (GET /jobs/failures)."""
        return self.call(
            "GET",
            "/jobs/failures",
            query={"group": group, "process": process, "subject": subject, "reason_contains": reason_contains, "pattern": pattern, "since": since, "until": until, "handled": handled, "limit": limit, "cursor": cursor},
        )

    def retry_jobs(self, body=None):
        """Run failed jobs again, each under its id (POST /jobs/retry)."""
        return self.call(
            "POST",
            "/jobs/retry",
            body=body,
        )

    def dismiss_jobs(self, body=None):
        """Take failed jobs off the list of those that somebody has to look at (POST /jobs/dismiss)."""
        return self.call(
            "POST",
            "/jobs/dismiss",
            body=body,
        )

    def dismiss_job(self, process, id, body=None):
        """Take a failed job off the list of those that somebody has to look at (POST /jobs/{process}/{id}/dismiss)."""
        return self.call(
            "POST",
            f"/jobs/{_quote(process)}/{_quote(id)}/dismiss",
            body=body,
        )

    def restore_job(self, process, id):
        """Put a failed job that was dismissed back on the list of those that somebody has to look at (DELETE /jobs/{process}/{id}/dismiss)."""
        return self.call(
            "DELETE",
            f"/jobs/{_quote(process)}/{_quote(id)}/dismiss",
        )

    def retry_event(self, id, *, source=None, dry_run=None):
        """Run all failed jobs of an event again (POST /events/{id}/retry)."""
        return self.call(
            "POST",
            f"/events/{_quote(id)}/retry",
            query={"source": source, "dry_run": dry_run},
        )

    def cancel_event(self, id, *, source=None, dry_run=None):
        """Cancel all jobs of an event that have not ended (POST /events/{id}/cancel)."""
        return self.call(
            "POST",
            f"/events/{_quote(id)}/cancel",
            query={"source": source, "dry_run": dry_run},
        )

    def list_events(self, *, type=None, subject=None, source=None, status=None, tree_status=None, roots_only=None, q=None, since=None, until=None, order=None, limit=None, cursor=None):
        """The history of events, newest first unless asked otherwise (GET /events)."""
        return self.call(
            "GET",
            "/events",
            query={"type": type, "subject": subject, "source": source, "status": status, "tree_status": tree_status, "roots_only": roots_only, "q": q, "since": since, "until": until, "order": order, "limit": limit, "cursor": cursor},
        )

    def get_event(self, id, *, source=None, depth=None, limit=None):
        """An event with the whole tree of its jobs and follow-on events (GET /events/{id})."""
        return self.call(
            "GET",
            f"/events/{_quote(id)}",
            query={"source": source, "depth": depth, "limit": limit},
        )

    def replay_event(self, id, *, source=None, as_=None):
        """Dispatch an event again, as a new event that names the old one (POST /events/{id}/replay)."""
        return self.call(
            "POST",
            f"/events/{_quote(id)}/replay",
            query={"source": source, "as": as_},
        )

    def replay_events(self, body=None):
        """Dispatch many events again, each as a new event that names the old one (POST /events/replay)."""
        return self.call(
            "POST",
            "/events/replay",
            body=body,
        )

    def get_subject(self, subject):
        """What each process has last done for a subject: its last success, and its last failure (GET /subjects/{subject})."""
        return self.call(
            "GET",
            f"/subjects/{_quote(subject)}",
        )

    def stream_events(self):
        """All submitted events, live (GET /stream)."""
        return self.call(
            "GET",
            "/stream",
        )

    def receive_cloud_event(self, body=None):
        """Take a CloudEvent, or a batch of them (POST /event)."""
        return self.call(
            "POST",
            "/event",
            body=body,
            content_type="application/cloudevents+json",
        )

    def list_event_types(self):
        """event_lookup.json: which processes an event starts (GET /event_types)."""
        return self.call(
            "GET",
            "/event_types",
        )

    def list_processes(self):
        """process_lookup.json: how and where processes run (GET /processes)."""
        return self.call(
            "GET",
            "/processes",
        )

    def pause_process(self, name, body=None):
        """Begin no job of a process, whatever queue it shares; running ones go on (POST /processes/{name}/pause)."""
        return self.call(
            "POST",
            f"/processes/{_quote(name)}/pause",
            body=body,
        )

    def resume_process(self, name):
        """Begin jobs of a process again (POST /processes/{name}/resume)."""
        return self.call(
            "POST",
            f"/processes/{_quote(name)}/resume",
        )

    def list_queues(self):
        """How many jobs each queue holds (GET /queues)."""
        return self.call(
            "GET",
            "/queues",
        )

    def pause_queue(self, name, body=None):
        """Let no worker take jobs from a queue; running ones go on (POST /queues/{name}/pause)."""
        return self.call(
            "POST",
            f"/queues/{_quote(name)}/pause",
            body=body,
        )

    def resume_queue(self, name):
        """Let workers take jobs from a queue again (POST /queues/{name}/resume)."""
        return self.call(
            "POST",
            f"/queues/{_quote(name)}/resume",
        )

    def list_schedules(self):
        """schedule_lookup.json: when events are made, and when the next one is (GET /schedules)."""
        return self.call(
            "GET",
            "/schedules",
        )

    def pause_schedule(self, name, body=None):
        """Let a schedule make no events (POST /schedules/{name}/pause)."""
        return self.call(
            "POST",
            f"/schedules/{_quote(name)}/pause",
            body=body,
        )

    def run_schedule(self, name):
        """Make an event of a schedule now, as if it had ticked (POST /schedules/{name}/run)."""
        return self.call(
            "POST",
            f"/schedules/{_quote(name)}/run",
        )

    def resume_schedule(self, name):
        """Let a schedule make events again, from its next tick on (POST /schedules/{name}/resume)."""
        return self.call(
            "POST",
            f"/schedules/{_quote(name)}/resume",
        )

    def start_backfill(self, body=None, *, dry_run=None):
        """Split a range of time into windows and submit an event for each (POST /backfills)."""
        return self.call(
            "POST",
            "/backfills",
            query={"dry_run": dry_run},
            body=body,
        )

    def list_backfills(self, *, limit=None, cursor=None):
        """The backfills, newest first, without the list of what failed (GET /backfills)."""
        return self.call(
            "GET",
            "/backfills",
            query={"limit": limit, "cursor": cursor},
        )

    def get_backfill(self, id):
        """One backfill: how far it is, and which windows failed (GET /backfills/{id})."""
        return self.call(
            "GET",
            f"/backfills/{_quote(id)}",
        )

    def cancel_backfill(self, id):
        """Submit no more windows (DELETE /backfills/{id})."""
        return self.call(
            "DELETE",
            f"/backfills/{_quote(id)}",
        )

    def retry_backfill(self, id):
        """Run the windows that failed again, as new events; one that was cancelled goes on, too (POST /backfills/{id}/retry)."""
        return self.call(
            "POST",
            f"/backfills/{_quote(id)}/retry",
        )

    def list_backfill_windows(self, id, *, status=None, limit=None, cursor=None):
        """The windows of a backfill in their order, each with its state and its event (GET /backfills/{id}/windows)."""
        return self.call(
            "GET",
            f"/backfills/{_quote(id)}/windows",
            query={"status": status, "limit": limit, "cursor": cursor},
        )

    def pause_backfill(self, id):
        """Submit no windows until it is resumed; those that run go on (POST /backfills/{id}/pause)."""
        return self.call(
            "POST",
            f"/backfills/{_quote(id)}/pause",
        )

    def resume_backfill(self, id):
        """Submit windows again (POST /backfills/{id}/resume)."""
        return self.call(
            "POST",
            f"/backfills/{_quote(id)}/resume",
        )

    def set_backfill_concurrency(self, id, body=None):
        """Change how many windows of a backfill run at once, from now on (PUT /backfills/{id}/concurrency)."""
        return self.call(
            "PUT",
            f"/backfills/{_quote(id)}/concurrency",
            body=body,
        )

    def list_notifications(self, *, limit=None):
        """How many notices wait, and which were given up, the last first (GET /notifications)."""
        return self.call(
            "GET",
            "/notifications",
            query={"limit": limit},
        )

    def retry_notification(self, id):
        """Send a notice that was given up, with all its tries anew (POST /notifications/{id}/retry)."""
        return self.call(
            "POST",
            f"/notifications/{_quote(id)}/retry",
        )

    def list_blocks(self):
        """Named configuration, without its secrets (GET /blocks)."""
        return self.call(
            "GET",
            "/blocks",
        )

    def list_block_kinds(self):
        """The kinds of blocks, with their JSON Schema (GET /block_kinds)."""
        return self.call(
            "GET",
            "/block_kinds",
        )

    def get_block(self, kind, name):
        """One block, without its secrets (GET /blocks/{kind}/{name})."""
        return self.call(
            "GET",
            f"/blocks/{_quote(kind)}/{_quote(name)}",
        )

    def put_block(self, kind, name, body=None):
        """Create a block or replace it (PUT /blocks/{kind}/{name})."""
        return self.call(
            "PUT",
            f"/blocks/{_quote(kind)}/{_quote(name)}",
            body=body,
        )

    def remove_block(self, kind, name, *, force=None):
        """Remove a block (DELETE /blocks/{kind}/{name})."""
        return self.call(
            "DELETE",
            f"/blocks/{_quote(kind)}/{_quote(name)}",
            query={"force": force},
        )

    def rekey_blocks(self):
        """Encrypt with SIGNALBOX_SECRET_KEY what SIGNALBOX_SECRET_KEY_OLD has encrypted (POST /blocks/rekey)."""
        return self.call(
            "POST",
            "/blocks/rekey",
        )

    def list_job_files(self, process, id, *, limit=None, cursor=None):
        """The files that a job has written, with links for download (GET /jobs/{process}/{id}/files)."""
        return self.call(
            "GET",
            f"/jobs/{_quote(process)}/{_quote(id)}/files",
            query={"limit": limit, "cursor": cursor},
        )

    def search(self, *, q=None, sort=None, first=None, body=None, person=None, within=None, begin=None, end=None, timezone=None):
        """Council meetings in which something was said, best first (GET /search)."""
        return self.call(
            "GET",
            "/search",
            query={"q": q, "sort": sort, "first": first, "body": body, "person": person, "within": within, "begin": begin, "end": end, "timezone": timezone},
        )

    def meeting(self, *, id=None):
        """A council meeting: its sessions, items, decisions and votes (GET /meeting)."""
        return self.call(
            "GET",
            "/meeting",
            query={"id": id},
        )

    def transcript(self, *, id=None, session=None, format=None):
        """The transcript that is in force for a session of a council meeting (GET /transcript)."""
        return self.call(
            "GET",
            "/transcript",
            query={"id": id, "session": session, "format": format},
        )

    def open_session(self, *, remember=None):
        """Let this browser open /docs and /board with the key of this request (POST /session)."""
        return self.call(
            "POST",
            "/session",
            query={"remember": remember},
        )

    def close_session(self):
        """Take that cookie away (DELETE /session)."""
        return self.call(
            "DELETE",
            "/session",
        )

    def live(self):
        """The process is up (GET /live)."""
        return self.call(
            "GET",
            "/live",
        )

    def ready(self):
        """The datastore answers and accepts writes, and every queue that this process should serve is served (GET /ready)."""
        return self.call(
            "GET",
            "/ready",
        )

    def metrics(self):
        """Numbers for Prometheus (GET /metrics)."""
        return self.call(
            "GET",
            "/metrics",
        )

    def stats(self, *, since=None, step=None, process=None):
        """Events and jobs by hour or day, type and process, and what is open now (GET /stats)."""
        return self.call(
            "GET",
            "/stats",
            query={"since": since, "step": step, "process": process},
        )

    def list_workers(self):
        """The workers of this service: what they serve and work on, and when they were last seen (GET /workers)."""
        return self.call(
            "GET",
            "/workers",
        )

    def me(self):
        """Who asks, and what may be done with that key (GET /me)."""
        return self.call(
            "GET",
            "/me",
        )
