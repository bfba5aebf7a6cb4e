"""picketctl try and jsonpath: what needs no daemon."""

import json
import subprocess

import house
import pytest

HEAD = "HTTP/1.1 200 OK\nServer: nginx\nSet-Cookie: a=1\nSet-Cookie: b=2\n\n"


def run(*words, stdin=""):
    """Exit status, lines on standard output, text on standard error."""
    if isinstance(stdin, str):
        stdin = stdin.encode()
    done = subprocess.run([house.PICKETCTL, *words], input=stdin, capture_output=True, timeout=60,
                          check=False)
    return done.returncode, done.stdout.decode().splitlines(), done.stderr.decode()


def test_every_line_is_told_with_what_it_came_to():
    status, lines, _ = run("try", "status == 200", 'json $.status == "UP"', "header Via exists",
                           "header Via == 'x'", stdin=HEAD + '{"status": "DOWN"}')
    assert lines == [
        "true     status == 200",
        'false    json $.status == "UP": $.status is "DOWN"',
        "false    header Via exists: header Via does not exist",
        "unknown  header Via == 'x': header Via does not exist",
    ]
    assert status == 1


def test_all_that_hold_are_exit_status_0():
    assert run("try", "status in 200..299", "any header Set-Cookie == 'b=2'", stdin=HEAD)[0] == 0


def test_line_ends_may_be_those_of_http(tmp_path):
    answer = tmp_path / "answer"
    answer.write_bytes((HEAD.replace("\n", "\r\n") + "x\r\n").encode())
    line = "header Server == 'nginx' and body == \"x\\r\\n\" and http.version == 1.1"
    assert run("try", line, answer)[0] == 0


def test_of_several_heads_the_last_counts():
    answer = ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 302 Found\r\nLocation: /a\r\nX: 1\r\n\r\n"
              "HTTP/1.1 307 Temporary Redirect\r\nLocation: /b\r\n\r\n"
              "HTTP/2 503 \r\nretry-after: 5\r\n\r\nHTTP/ is not a head")
    status, lines, _ = run("try", "status == 503", "redirects == 2", "http.version == 2",
                           "header X exists", "body contains 'not a head'",
                           "number(header Retry-After) == 5", stdin=answer)
    assert [line.split()[0] for line in lines] == ["true"] * 3 + ["false"] + ["true"] * 2
    assert status == 1


def test_what_a_file_cannot_tell_does_not_exist():
    _, lines, _ = run("try", "latency < 5s", "certificate.expires_in > 1d", "address == '::1'",
                      "url like '*'", stdin=HEAD)
    assert [line.split()[0] for line in lines] == ["unknown"] * 4


def test_a_fault_shows_its_column(tmp_path):
    status, lines, said = run("try", "status = 200", "latency < 800", stdin=HEAD)
    assert (status, lines) == (2, [])
    assert said == (
        "picketctl try: 8: '=' is written '==': write status == 200\n  status = 200\n         ^\n"
        "picketctl try: 11: 'latency' is a duration: write 800ms\n  latency < 800\n            ^\n"
    )


def test_a_word_is_a_file_only_at_the_end_and_if_there_is_one(tmp_path):
    (tmp_path / "answer").write_text(HEAD)
    file = str(tmp_path / "answer")
    assert run("try", "status == 200", file)[0] == 0
    assert run("try", "status == 200", "-", stdin=HEAD)[0] == 0
    assert run("try", file, "status == 200")[0] == 2
    assert "is a file" in run("try", file)[2]
    assert "no such file" in run("try", "status == 200", file + ".not")[2]
    assert run("try", "status == 200", str(tmp_path))[0] == 2
    assert run("try")[0] == 2


@pytest.mark.parametrize("answer", ["", "{}", "HTTP/1.1 2000 OK\n\n", "HTTP/1.1\n\n"])
def test_what_is_no_response_is_refused(answer):
    status, _, said = run("try", "status == 200", stdin=answer)
    assert status == 2 and "curl -i" in said


def test_json_for_programs():
    status, lines, _ = run("--json", "try", "status == 200", "status == 500", stdin=HEAD)
    assert status == 1
    assert json.loads("".join(lines)) == [
        {"expectation": "status == 200", "truth": "true"},
        {"expectation": "status == 500", "truth": "false", "value": "status is 200"},
    ]


def test_numbers_do_not_follow_the_locale():
    done = subprocess.run([house.PICKETCTL, "try", "json $.n == 2.5"], check=False,
                          input=HEAD.encode() + b'{"n": 2.5}', env={"LC_ALL": "de_DE.UTF-8"})
    assert done.returncode == 0


def test_a_query_gives_a_json_array(tmp_path):
    document = tmp_path / "document"
    document.write_text('{"a": [1, 8.95, "x\\u009b", null], "b": {"c": true}}')
    assert run("jsonpath", "$.a[*]", document)[1] == ['[1,8.95,"x\x9b",null]']
    assert run("jsonpath", "$.b", document)[1] == ['[{"c":true}]']
    assert run("jsonpath", "$.absent", stdin="{}") == (0, ["[]"], "")
    assert run("jsonpath", "$", "-", stdin=" 5 ")[1] == ["[5]"]


def test_an_invalid_query_shows_its_column():
    status, lines, said = run("jsonpath", "$.a-b", stdin="{}")
    assert (status, lines) == (2, [])
    assert said.startswith("picketctl jsonpath: 4: ") and said.endswith("\n  $.a-b\n     ^\n")


def test_what_is_not_json_says_why():
    status, lines, said = run("jsonpath", "$", stdin="{")
    assert (status, lines) == (1, [])
    assert said.startswith("picketctl jsonpath: standard input is not JSON at 1:2: ")
    assert run("jsonpath", "$", "/nonexistent/file")[0] == 2
    assert run("jsonpath")[0] == 2
