import { renderOpenapi } from './openapi.ts'

type Parameter = { name: string, in: string, required?: boolean, description?: string }
type Operation = { operationId: string, summary?: string, tags?: string[], parameters?: Parameter[], requestBody?: { content: Record<string, unknown> } }

/** Streams and consent are not calls with an answer; the original service has its own client. */
const LEFT_OUT = /^(streamEvent|consentToDeliveries|.*Original.*|.*ByPath)$/

/** The Python client of the OpenAPI document: the head by hand, a method an operation. */
export async function renderPython (): Promise<string> {
  const { paths, info } = JSON.parse(await renderOpenapi()) as { paths: Record<string, Record<string, Operation>>, info: { version: string } }
  const methods = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, { operationId }]) => !LEFT_OUT.test(operationId))
      .map(([method, operation]) => render(method.toUpperCase(), path, operation)))
  return `${head(info.version)}\n${methods.join('\n')}`
}

const snake = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1_$2').replace(/\W/g, '_').toLowerCase()

/** Words that Python keeps for itself. */
const argument = (name: string): string => ['from', 'as', 'in', 'with', 'not', 'is', 'class'].includes(name) ? `${name}_` : snake(name)

function render (method: string, path: string, { operationId, summary = '', parameters = [], requestBody }: Operation): string {
  // In the order of the path, as people read it.
  const places = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  const queries = parameters.filter((one) => one.in === 'query' && one.name !== 'access_token')
  const isEvent = operationId === 'receiveCloudEvent'
  const body = requestBody === undefined ? [] : ['body=None']
  const keywords = queries.map(({ name }) => `${argument(name)}=None`)
  const taken = ['self', ...places.map(argument), ...body, ...keywords.length === 0 ? [] : ['*', ...keywords]].join(', ')
  const url = path.replace(/\{(\w+)\}/g, (_, name: string) => `{_quote(${argument(name)})}`)
  const given = [
    `"${method}"`,
    `${places.length === 0 ? '' : 'f'}"${url}"`,
    ...queries.length === 0 ? [] : [`query={${queries.map(({ name }) => `"${name}": ${argument(name)}`).join(', ')}}`],
    ...body.length === 0 ? [] : ['body=body'],
    ...isEvent ? ['content_type="application/cloudevents+json"'] : []
  ]
  return `    def ${snake(operationId)}(${taken}):
        """${summary.replace(/"/g, "'")} (${method} ${path})."""
        return self.call(
            ${given.join(',\n            ')},
        )
`
}

const head = (version: string): string => `"""Client of Signalbox ${version}: submits events, follows and steers the jobs that they start.

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
    """What the service refused, or that it could not be reached. \`code\` is stable, the message is not."""

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
        """All items of a list: \`for event in box.pages(box.list_events, type="new_assembly")\`."""
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
`
