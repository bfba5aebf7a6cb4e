"""Rows C of the catalogue that take more than a file."""

import threading

import house


def test_C20_a_file_that_is_replaced_all_the_time_is_one_or_the_other(tmp_path):
    """Never half of each, and never a size of the one with bytes of the other."""
    path = tmp_path / "picket.yaml"
    texts = ["endpoints:\n" + "".join(
        f"  - {{ name: e{i}, http: 'http://127.0.0.1:9/{i}' }}\n" for i in range(count))
        for count in (3, 300)]
    path.write_text(texts[0])
    is_over = threading.Event()

    def replace():
        number = 0
        while not is_over.is_set():
            number += 1
            fresh = tmp_path / "fresh"
            fresh.write_text(texts[number % 2])
            fresh.rename(path)

    thread = threading.Thread(target=replace)
    thread.start()
    seen = set()
    try:
        for _ in range(60):
            end = house.run(house.PICKETD, "--check", "-c", path)
            assert end.returncode == 0, end.stderr
            seen.add(end.stdout.split(": ")[1].split()[0])
    finally:
        is_over.set()
        thread.join()
    assert seen <= {"3", "300"}
