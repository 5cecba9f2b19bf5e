"""gateway.py - a web server on a free port of 127.0.0.1 that runs the viewer as CGI, each name of a path
with a configuration of its own.  It keeps what it answered, and shows pages again that a browser
cannot ask for, such as an answer to PUT.  Real servers are for walk.py.
"""

import http.client
import http.server
import subprocess
import threading
import urllib.parse

CGI_HEADERS = {"cookie": "HTTP_COOKIE", "accept-language": "HTTP_ACCEPT_LANGUAGE", "if-none-match": "HTTP_IF_NONE_MATCH",
               "host": "HTTP_HOST", "content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH", "user-agent": "HTTP_USER_AGENT"}


class Answer:
    """What a page answered."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        """The header's value, or None."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def text(self):
        """The page."""
        return self.body.decode()


class Gateway:
    """programs: path name -> (program, environment)."""

    def __init__(self, programs):
        self.programs, self.kept, self.seen = programs, [], []
        self.refresh = None  # seconds in place of those that a page asks for
        gateway = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """One connection."""
            protocol_version = "HTTP/1.1"

            def log_message(self, *_arguments):  # pylint: disable=arguments-differ
                """Servers say nothing in a test."""

            def answer(self):
                """One request."""
                gateway.answer(self)

            do_GET = do_HEAD = do_POST = do_PUT = answer

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.host = "127.0.0.1:%d" % self.server.server_port
        self.url = "http://%s/" % self.host
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def run(self, name, method, query, headers, body):
        """The program's answer to one request."""
        program, environment = self.programs[name]
        environment = dict(environment, GATEWAY_INTERFACE="CGI/1.1", SERVER_PROTOCOL="HTTP/1.1", REQUEST_METHOD=method, QUERY_STRING=query,
                           SCRIPT_NAME="/" + name, SERVER_NAME="127.0.0.1", SERVER_PORT=str(self.server.server_port), REMOTE_ADDR="127.0.0.1")
        for key, value in headers.items():
            if key.lower() in CGI_HEADERS:
                environment[CGI_HEADERS[key.lower()]] = value
        done = subprocess.run([program], input=body, env=environment, capture_output=True, check=False)
        head, _, body = done.stdout.replace(b"\r\n\r\n", b"\n\n", 1).partition(b"\n\n")
        headers = [tuple(line.split(": ", 1)) for line in head.decode().replace("\r\n", "\n").split("\n") if ": " in line]
        answer = Answer(200, headers, body)
        status = answer.header("Status")
        if done.returncode or not headers:
            return Answer(500, [("Content-Type", "text/plain")], b"no answer: " + done.stderr)
        answer.status = int(status.split()[0]) if status else 200
        return answer

    def answer(self, request):
        """Answers one request of a browser."""
        path, _, query = request.path.partition("?")
        name = path.strip("/").split("/")[0]
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        if name == "kept":
            answer = self.kept[int(path.rsplit("/", 1)[1])]
        elif name in self.programs:
            answer = self.run(name, request.command, query, request.headers, body)
            self.seen.append((request.path, answer.status, request.headers.get("If-None-Match")))
        else:
            answer = Answer(204, [], b"")  # a site's own picture of itself, which browsers ask for
        request.send_response(answer.status)
        for key, value in answer.headers:
            if key.lower() == "refresh" and self.refresh:
                value = str(self.refresh)
            if key.lower() not in ("status", "content-length"):
                request.send_header(key, value)
        if answer.status not in (204, 304):
            request.send_header("Content-Length", str(len(answer.body)))
        request.end_headers()
        if request.command != "HEAD" and answer.status not in (204, 304):
            request.wfile.write(answer.body)

    def ask(self, path, method="GET", cookie=None, form=None, headers=()):
        """A request of the test's own; redirections are not followed."""
        connection = http.client.HTTPConnection(self.host, timeout=60)
        sent = dict(headers)
        if cookie:
            sent["Cookie"] = cookie
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, "/" + path, body, sent)
        answer = connection.getresponse()
        answer = Answer(answer.status, answer.getheaders(), answer.read())
        connection.close()
        return answer

    def keep(self, answer):
        """The address where that answer is shown again."""
        self.kept.append(answer)
        return "kept/%d" % (len(self.kept) - 1)

    def close(self):
        """Ends the server."""
        self.server.shutdown()
        self.server.server_close()
