"""The catalogue of faults: what must not bring picket down, and the test that shows that it does not.

A row has an id, the fault in a few words, and what there is of it: `tests`, each a file below
tests/ and a name in it; `lacks`, where these leave something out; `open`, where there is none yet;
`cannot`, where there can be none here.  README.md says more; `meson test --suite faults` checks it.
"""

import typing


class Row(typing.NamedTuple):
    id: str
    fault: str
    tests: tuple = ()
    lacks: str = ""
    open: str = ""
    cannot: str = ""


def at(path, *names):
    return tuple((path, name) for name in names)


def http(*did):
    """Rows of the table of servers: what they do."""
    return tuple(("e2e/test_http_classes.py", f"test_a_server_that[{one}]") for one in did)


def e2e(stem, *names):
    return at(f"e2e/test_{stem}.py", *names)


def unit(path, *names):
    return at(f"unit/{path}.c", *names)


def bad(*files):
    """Configurations that are refused with the complaints beside them."""
    return unit("config/bad", "every_bad_file_gets_its_complaints") + tuple(
        (f"unit/config/bad/{one}.yaml", "") for one in files)


def simulation(stem, *names):
    return at(f"simulation/{stem}.c", *names)


def service(*names):
    return at("service/claims.py", *names)


def fuzz(*names):
    """Targets: their corpora in every run, scripts/fuzz for as long as it is told."""
    return tuple((f"fuzz/{one}.c", "") for one in names)


def here(stem, *names):
    return at(f"faults/test_{stem}.py", *names)


FAR = e2e("http_classes", "test_how_other_networks_answer")

NETWORK = [
    Row("N1", "a body that comes byte by byte", http("sends its body byte by byte")),
    Row("N2", "headers that come byte by byte", http("sends its headers byte by byte")),
    Row("N3", "headers without end", http("sends headers without end")),
    Row("N4", "one header line of a megabyte", http("sends one header of 1 MB")),
    Row("N5", "interim answers without end", http("sends 103 Early Hints without end")),
    Row("N6", "a redirect to itself", http("redirects to itself", "redirects 9 times")),
    Row("N7", "a redirect to another protocol",
        http("redirects to a file", "redirects to ftp")
        + unit("probe/http_redirect", "other_protocols_are_refused")),
    Row("N8", "a redirect from outside to an address inside", FAR),
    Row("N9", "a redirect from https to http",
        e2e("evidence", "test_a_way_from_https_to_http_is_noted")),
    Row("N10", "a redirect that would carry credentials to another host",
        e2e("evidence", "test_secrets_and_cookies_stay_with_their_host")
        + unit("probe/http_redirect", "nothing_secret_goes_to_another_origin")),
    Row("N11", "a compressed bomb",
        http("sends a bomb: 8 MB as 40 KB of gzip")
        + here("network", "test_N11_a_bomb_of_any_coding_is_cut_at_the_limit[br]",
               "test_N11_a_bomb_of_any_coding_is_cut_at_the_limit[zstd]")),
    Row("N12", "an answer that is encoded twenty times over", http("encodes 20 times over")),
    Row("N13", "chunks without end",
        http("sends a body without end", "sends a body without end, and its end is asked for")),
    Row("N14", "a chunk of 2^64-1 bytes", http("names a chunk of 2^64-1 bytes")),
    Row("N15", "a body shorter than its length says", http("closes in the middle of the body")),
    Row("N16", "a body longer than its length says",
        http("sends more than the length says")
        + here("network", "test_N16_behind_more_than_was_said_a_connection_is_not_used_again")),
    Row("N17", "two lengths that differ", http("sends two lengths that differ")),
    Row("N18", "a negative length, a NUL in a header",
        http("sends a negative length", "sends a NUL in a header")),
    Row("N19", "noise, and HTTP/0.9",
        http("answers in another protocol", "answers as HTTP/0.9 did")),
    Row("N20", "odd statuses: 999, 204 with a body, nothing but 1xx",
        http("answers with status 999", "answers with status 000", "sends a body with 204",
             "sends 1xx and nothing behind it")),
    Row("N21", "a reset at once, instead of the answer, in the middle of it",
        http("resets as it accepts", "resets instead of answering",
             "resets in the middle of the body")),
    Row("N22", "an end instead of an answer",
        http("closes its half and goes on reading", "closes instead of answering")),
    Row("N23", "an answer before the request is whole", http("answers before it has the request")),
    Row("N24", "a connection, and then silence", http("never answers")),
    Row("N25", "a closed port", http("nobody listens")),
    Row("N26", "a firewall that swallows", http("a firewall swallows what is sent")),
    Row("N27", "IPv6 that is swallowed beside IPv4 that works",
        unit("loop/connect", "a_family_that_is_silent_gives_way_after_a_quarter_of_a_second")
        + e2e("http_wire", "test_both_families_must_answer")),
    Row("N28", "routers that say unreachable, prohibited, too far",
        here("network", "test_N28_what_a_router_says_is_unreachable_and_not_a_timeout") + FAR
        + e2e("ping", "test_how_pings_end")),
    Row("N29", "a path that swallows large packets only",
        here("paths", "test_N29_a_path_that_swallows_large_packets_is_a_timeout_where_it_does")),
    Row("N30", "no port of this host left",
        here("network", "test_N30_no_port_left_here_is_this_hosts_fault")),
    Row("N31", "no descriptor left",
        here("network", "test_N31_without_descriptors_it_is_unknown_and_comes_back_by_itself")
        + unit("loop/connect", "no_descriptor_left_is_local")
        + unit("status/door", "without_descriptors_a_spare_one_is_used")
        + here("torture", "test_a_call_that_fails_once_is_this_hosts_trouble_and_loses_nothing"),
        lacks="the checks in flight are not lowered while it lasts"),
    Row("N32", "this host without a network",
        e2e("states", "test_while_this_host_is_offline_nothing_is_down_but_what_says_so")),
    Row("N33", "a packet that this host itself forbids (EPERM)",
        here("paths", "test_N33_what_this_hosts_own_filter_forbids_is_this_hosts_fault")
        + unit("loop/attempt", "errors_have_outcomes")),
    Row("N34", "an endpoint that comes and goes",
        here("network",
             "test_N34_what_comes_and_goes_is_flapping_once_and_every_change_is_an_event")
        + unit("health/windows", "verdicts_that_change_all_the_time_are_flapping")),
    Row("N35", "a failure with the same period as the checks",
        simulation("beats", "places_are_spread_evenly")
        + unit("schedule/grid", "first_checks_come_within_half_a_minute",
               "confirming_scatters_by_a_fifth_at_most"),
        lacks="regular checks keep their beat by contract, so nothing shifts them"),
    Row("N36", "HTTP/2 that ends, resets, floods",
        http("ends the stream of HTTP/2", "goes away in HTTP/2",
             "sends SETTINGS of HTTP/2 without end", "sends headers of HTTP/2 without end")),
    Row("N37", "a kept connection that dies as it is used again",
        unit("probe/http", "a_kept_connection_that_died_is_made_anew")),
    Row("N38", "a proxy that refuses, or is not there",
        http("is a proxy that wants a password", "is a proxy that is not there",
             "is a proxy that cannot connect")),
    Row("N39", "a body with NUL, escapes, a byte order mark, no UTF-8",
        http("answers with NUL, escapes and no UTF-8")
        + unit("expect/body", "bodies_are_bytes")
        + unit("expect/json", "each_refusal_has_its_reason_and_its_place")),
    Row("N40", "replies that are doubled, late, or somebody else's",
        unit("loop/pinger", "replies_to_others_are_passed_over")
        + unit("probe/dns", "answers_to_others_are_passed_over")),
]

TLS = [
    Row("T1", "a certificate that expired, or is not valid yet",
        http("shows one that expired", "shows one that is not valid yet")),
    Row("T2", "a certificate for another name", http("shows one for another name")),
    Row("T3", "self-signed, of an unknown root, with a link missing",
        http("shows one signed by itself", "shows one of a stranger", "leaves out that link",
             "shows one with a link between it and a trusted one")),
    Row("T4", "a certificate that was revoked",
        http("shows one that is on the list", "staples that its certificate is revoked")
        + e2e("evidence", "test_why_shows_class_dates_and_names_of_every_tls_failure")),
    Row("T5", "a key, a signature, a protocol, a cipher that is too weak",
        http("has a key of 1024 bits", "speaks TLS 1.1 and no more", "has a signature by SHA-1",
             "agrees on a secret of 1024 bits", "has no cipher but one that hides nothing")),
    Row("T6", "a handshake that stalls", http("says nothing in the handshake")),
    Row("T7", "a chain of 1,000 certificates", http("shows 1,000 certificates")),
    Row("T8", "an alert, or plain HTTP, instead of TLS",
        http("ends the handshake with an alert", "speaks HTTP where TLS is wanted",
             "closes in the handshake")),
    Row("T9", "a client certificate is wanted", http("wants a client certificate")),
    Row("T10", "a certificate near its end",
        e2e("evidence", "test_a_certificate_near_its_end_is_no_outage")
        + unit("status/scrape", "what_was_sent_and_what_was_trusted_end_at_times_of_their_own")),
    Row("T11", "a clock of this host that is wrong",
        here("host",
             "test_T11_where_most_certificates_are_out_of_their_time_the_clock_is_doubted")),
    Row("T12", "a bundle of authorities that is gone",
        here("network",
             "test_T12_without_its_ca_an_endpoint_is_unknown_until_the_file_is_there")
        + http("is asked with a CA file that is not there")),
]

NAMES = [
    Row("D1", "a resolver that is silent",
        http("does not answer") + e2e("stop", "test_dead_names_do_not_hold_up_the_end")),
    Row("D2", "a name that does not exist", http("says that the name does not exist")),
    Row("D3", "SERVFAIL, REFUSED, FORMERR",
        http("answers SERVFAIL", "answers REFUSED", "answers FORMERR")),
    Row("D4", "aliases in a circle, or fifty in a row",
        http("answers with an alias of itself", "answers with 50 aliases in a row")),
    Row("D5", "a truncated answer, and no TCP behind it",
        http("truncates, and is whole over TCP", "truncates, and refuses TCP")),
    Row("D6", "an answer with 500 addresses",
        unit("loop/resolve", "a_truncated_answer_comes_over_tcp")
        + http("answers with 60 addresses")),
    Row("D7", "an address inside for a name outside",
        FAR + unit("loop/connect", "private_addresses_are_forbidden_on_demand")
        + unit("base/ip", "private_places_are_known")),
    Row("D8", "an answer with another number, to another question",
        http("is outrun by an answer with another number",
             "is outrun by an answer to another question")),
    Row("D9", "pointers in a circle, counts that promise too much",
        http("answers with a name that points at itself")
        + unit("loop/resolve", "errors_are_told_with_the_server")
        + unit("loop/answer", "noise_does_no_harm")),
    Row("D10", "no name server for hours",
        unit("loop/resolve_many",
             "five_hundred_lookups_are_cancelled_at_once_and_take_no_thread",
             "however_long_nobody_answers_nothing_piles_up")),
    Row("D11", "a resolv.conf that is empty, gone, changed",
        here("network", "test_D11_a_resolv_conf_that_names_nobody_is_warned_of")
        + unit("loop/resolve", "no_resolv_conf_or_an_empty_one_means_this_host",
               "a_short_name_is_searched_and_a_long_one_is_not")
        + unit("loop/changes", "writing_and_replacing_are_seen")),
    Row("D12", "an answer that holds for no time, or for ever",
        unit("loop/records", "a_ttl_is_believed_from_a_second_to_an_hour")
        + unit("loop/resolve_many", "equal_lookups_in_flight_are_one")
        + e2e("discovery", "test_names_are_followed_by_their_ttl")),
    Row("D13", "thousands of endpoints under one name",
        unit("loop/resolve_many", "equal_lookups_in_flight_are_one")
        + unit("loop/connect", "many_connections_at_once_all_end")),
    Row("D14", "names that cannot be",
        here("network", "test_D14_names_that_cannot_be_are_refused_where_they_stand")
        + unit("loop/resolve", "what_is_no_name_is_not_asked_for")),
    Row("D15", "a lookup that is cancelled from within an answer",
        unit("loop/resolve_many", "whoever_is_told_may_cancel_all_others_and_begin_anew",
             "a_name_is_asked_afresh_after_all_who_waited_have_gone",
             "the_resolver_ends_with_lookups_in_flight")),
]

CONFIGURATION = [
    Row("C1", "aliases that explode", unit("config/bounds", "aliases_that_explode_are_refused")),
    Row("C2", "an alias of itself", bad("anchor-itself")),
    Row("C3", "40,000 brackets",
        unit("config/bounds", "depth_is_refused_as_soon_as_it_is_seen")),
    Row("C4", "a key that stands there twice",
        bad("duplicate-key", "duplicate-key-among-many")),
    Row("C5", "a key that nobody knows",
        bad("unknown-key", "unknown-key-nested", "free-keys-only-at-the-top")),
    Row("C6", "a wrong type, a value out of range",
        bad("type-count", "type-count-octal", "type-count-range", "type-flag",
            "type-duration-clock", "type-duration-no-unit")),
    Row("C7", "a tab, a bracket that is not closed", bad("syntax-tab", "syntax-unterminated")),
    Row("C8", "NUL, control characters, other encodings",
        unit("config/bounds", "other_encodings_are_told_apart") + bad("control-character")),
    Row("C9", "a file of 100 MB",
        unit("config/bounds", "large_files_are_not_even_read")
        + e2e("stop", "test_a_configuration_that_loads_for_long_does_not_hold_up_the_end")),
    Row("C10", "a text of megabytes", unit("config/bounds", "long_scalars_are_refused")),
    Row("C11", "an include of itself, of what is no file",
        unit("config/include", "only_regular_files_are_included", "a_file_never_includes_itself",
             "includes_end_eight_deep")),
    Row("C12", "a file half written, and what editors leave",
        unit("config/include", "what_editors_and_packages_leave_is_passed_over",
             "a_broken_file_is_not_blamed_on_the_others",
             "comments_alone_are_fine_in_an_included_file")),
    Row("C13", "a name in two files", unit("config/include", "names_are_unique_over_all_files")),
    Row("C14", "a secret in a file that everybody can read",
        unit("config/secrets", "secrets_in_readable_files_are_warned_of_once")),
    Row("C15", "two documents, none, comments alone",
        bad("two-documents", "only-comments", "nothing")
        + unit("config/bounds", "an_empty_file_says_so")),
    Row("C16", "a tag", bad("tag")),
    Row("C17", "a pattern that does not compile, or has no end",
        bad("expect-regex") + http("answers what a pattern cannot stand")),
    Row("C18", "a URL with a password, blanks, line ends, a fragment",
        bad("url", "url-with-password")
        + unit("config/secrets", "passwords_in_urls_are_secrets")),
    Row("C19", "100,000 endpoints, all of them each second",
        unit("config/load", "more_checks_than_permits_can_carry_are_warned_of")),
    Row("C20", "a file that is replaced while it is read",
        here("config", "test_C20_a_file_that_is_replaced_all_the_time_is_one_or_the_other")
        + unit("base/file", "what_is_no_file_is_refused_without_waiting")),
]

PROCESS = [
    Row("P1", "SIGTERM with nothing to do",
        e2e("stop", "test_an_idle_daemon_ends_at_once_and_says_so")),
    Row("P2", "SIGTERM in every phase of a check",
        unit("probe/http_classes", "a_cancelled_check_ends_at_once_in_any_phase")
        + e2e("stop", "test_checks_in_flight_are_cancelled_not_failed[15]",
              "test_dead_names_do_not_hold_up_the_end")),
    Row("P3", "SIGTERM while judges work",
        here("host", "test_P3_what_the_judges_have_does_not_hold_up_the_end")),
    Row("P4", "a second signal", e2e("stop", "test_a_second_signal_ends_at_once")),
    Row("P5", "SIGTERM before it is ready, and during a reload",
        here("host", "test_P5_a_signal_before_it_is_ready_ends_it")
        + e2e("stop", "test_a_configuration_that_loads_for_long_does_not_hold_up_the_end")),
    Row("P6", "a storm of SIGHUP",
        e2e("reload", "test_a_storm_of_hangups_is_one_or_two_reloads")),
    Row("P7", "a reload of a broken file",
        e2e("reload", "test_a_broken_file_is_refused_with_every_fault_and_the_old_one_runs")
        + service("a_bad_configuration_is_refused_and_says_why")),
    Row("P8", "a reload without an endpoint that is in flight",
        e2e("reload", "test_an_endpoint_in_flight_may_go")
        + e2e("incidents", "test_an_incident_outlives_kill_and_reload")),
    Row("P9", "a reload with other thresholds",
        here("host", "test_P9_a_streak_goes_on_under_another_threshold")
        + e2e("reload", "test_499_of_500_keep_their_turn_and_their_streak")
        + e2e("rename", "test_over_a_reload")),
    Row("P10", "kill -9 while it writes",
        e2e("notify", "test_kill_9_loses_nothing_and_repeats_little",
            "test_two_hundred_kills_lose_nothing_and_repeat_little")
        + e2e("store", "test_a_killed_daemon_knows_what_it_knew")
        + unit("history/history", "sigkill_loses_ten_minutes_of_checks_at_most_and_no_change")),
    Row("P11", "kill -9 between a change and its message",
        e2e("notify", "test_kill_9_loses_nothing_and_repeats_little")),
    Row("P12", "a power loss",
        cannot="it takes a disk that forgets what it was not told to keep"),
    Row("P13", "a full disk", e2e("store", "test_a_full_disk_stops_no_check")),
    Row("P14", "no folder to keep things in",
        e2e("store", "test_without_a_store_it_watches_all_the_same",
            "test_a_second_daemon_is_kept_out")),
    Row("P15", "a store that is no store, or has lost its end",
        unit("store/damage", "a_file_that_is_no_store_is_set_aside",
             "one_with_other_tables_is_set_aside")
        + here("host", "test_P15_a_store_that_lost_its_end_is_set_aside_loudly")),
    Row("P16", "a wall clock that jumps",
        here("host", "test_P16_a_wall_clock_that_jumps_moves_no_check[86400]",
             "test_P16_a_wall_clock_that_jumps_moves_no_check[-3600]")),
    Row("P17", "leap seconds, summer time",
        here("host", "test_P17_a_second_that_comes_twice_moves_no_check")
        + unit("base/calendar",
               "what_the_clock_jumps_over_comes_with_the_jump_where_one_asks_for_it")
        + unit("base/zone", "local_times_are_found_where_clocks_show_them")),
    Row("P18", "eight hours of sleep",
        here("host", "test_P18_a_host_that_slept_makes_nothing_up_and_says_what_nobody_saw")
        + simulation("beats", "after_a_stall_beats_are_skipped_not_made_up")
        + unit("history/history", "a_clock_that_jumps_is_time_nobody_looked")),
    Row("P19", "a process that is stopped, and goes on",
        here("host", "test_P19_after_a_stop_nobody_is_down_and_nothing_is_made_up")
        + service("a_hanging_loop_is_killed_and_started_again")),
    Row("P20", "a process that cannot be made",
        here("host", "test_P20_a_program_that_cannot_be_started_is_this_hosts_fault")),
    Row("P21", "a thread that cannot be made",
        here("host", "test_P21_it_goes_on_with_the_threads_it_gets",
             "test_P21_there_are_as_many_loops_as_threads_for_them",
             "test_P21_without_a_loop_for_handshakes_the_first_one_makes_them",
             "test_P21_without_any_thread_it_does_not_start")),
    Row("P22", "no memory left",
        unit("base/memory", "too_much_ends_the_process_with_a_message")
        + unit("loop/attempt", "errors_have_outcomes")
        + here("torture", "test_without_memory_it_ends_with_a_message_and_knows_what_it_told",
               "test_whatever_fails_at_its_start_it_does_its_job_or_says_why")),
    Row("P23", "the kernel kills it for its memory",
        here("host", "test_P23_whom_the_kernel_kills_for_memory_knows_afterwards_what_it_knew")
        + service("what_is_killed_is_started_again_and_knows_what_it_knew")),
    Row("P24", "64 descriptors",
        here("host", "test_P24_few_descriptors_are_few_permits_and_a_warning")),
    Row("P25", "outputs that are closed, or full",
        here("host", "test_P25_with_its_outputs_closed_it_works",
             "test_P25_a_journal_that_does_not_read_makes_nobody_wait")
        + unit("base/log", "a_full_pipe_makes_nobody_wait", "a_closed_stderr_does_no_harm")
        + unit("loop/loop", "a_broken_pipe_is_an_errno")),
    Row("P26", "a second daemon over the same state",
        e2e("store", "test_a_second_daemon_is_kept_out")),
    Row("P27", "a loop that does not turn",
        unit("loop/notify", "the_watchdog_is_fed_only_by_the_living")
        + service("a_hanging_loop_is_killed_and_started_again",
                  "the_watchdog_leaves_a_turning_loop_alone")
        + unit("probe/lookout", "a_loop_that_does_not_turn_is_noticed",
               "one_that_does_not_turn_is_left_behind")
        + here("host", "test_P27_a_further_loop_that_does_not_turn_is_noticed")),
    Row("P28", "its socket is removed",
        here("host", "test_P28_a_socket_that_is_removed_is_made_again")),
    Row("P29", "a start with 100,000 endpoints",
        here("host", "test_P29_a_hundred_thousand_endpoints_are_ready_soon")
        + simulation("scale", "a_hundred_thousand_are_each_checked_in_time")),
    Row("P30", "a store of another version",
        unit("store/damage", "every_older_version_is_brought_to_ours",
             "a_newer_one_is_left_as_it_is")),
]

TWO_HUNDRED = e2e("exec", "test_two_hundred_programs_that_do_not_end")

PROGRAMS = [
    Row("X1", "a program that ignores SIGTERM",
        unit("loop/child", "who_ignores_sigterm_is_killed") + TWO_HUNDRED),
    Row("X2", "a grandchild that keeps the pipe open",
        unit("loop/child", "a_grandchild_on_the_pipe_delays_nothing") + TWO_HUNDRED),
    Row("X3", "a program that leaves its group",
        unit("loop/orphans", "who_left_the_group_ends_all_the_same",
             "who_left_the_group_lives_while_the_program_does")
        + here("programs", "test_X3_who_leaves_the_group_of_a_program_ends_with_it")),
    Row("X4", "output without end",
        unit("loop/child", "output_is_bounded_and_drained")
        + e2e("exec", "test_how_programs_end")),
    Row("X5", "output with NUL, escapes, no UTF-8",
        here("programs", "test_X5_what_a_program_prints_cannot_move_a_cursor")),
    Row("X6", "statuses above 3, signals, no program",
        e2e("exec", "test_how_programs_end", "test_what_cannot_be_run_is_unknown_and_says_why",
            "test_a_plugin_that_cannot_tell_leads_to_unknown")),
    Row("X7", "what is left of a program that ended",
        unit("loop/child", "two_hundred_at_once_all_end") + TWO_HUNDRED),
    Row("X8", "a program that reads its input",
        unit("loop/child", "a_child_gets_nothing_of_ours")),
    Row("X9", "descriptors that a program would inherit",
        unit("loop/child", "a_child_gets_nothing_of_ours")),
    Row("X10", "arguments that a shell would understand",
        here("programs", "test_X10_no_shell_reads_arguments")),
    Row("X11", "a program that anybody could replace",
        unit("loop/child", "what_anybody_could_replace_is_not_run")
        + e2e("exec", "test_what_cannot_be_run_is_unknown_and_says_why")),
    Row("X12", "a thousand programs that are due at once",
        here("programs", "test_X12_a_thousand_programs_take_turns_and_delay_nobody_else")),
    Row("X13", "the environment",
        unit("loop/child", "a_child_gets_nothing_of_ours")
        + unit("probe/exec", "the_environment_is_what_the_configuration_says")
        + e2e("exec", "test_secrets_reach_the_program_and_nobody_else")),
    Row("X14", "a program that is replaced while it runs",
        here("programs", "test_X14_a_program_that_is_replaced_is_run_anew")),
]

SOCKET = [
    Row("S1", "a client that never reads",
        unit("status/door", "who_does_not_read_is_shown_out",
             "who_lets_too_much_pile_up_is_shown_out")),
    Row("S2", "half a request",
        unit("status/door", "half_a_request_is_not_awaited_for_ever",
             "who_dribbles_is_shown_out_too")),
    Row("S3", "thousands of connections",
        unit("status/door", "ordinary_visitors_have_so_many_places",
             "administrators_get_in_when_all_places_are_taken",
             "a_full_house_tells_everybody_so")),
    Row("S4", "a body, a header, a URL of megabytes",
        here("socket", "test_S4_too_large_a_request_is_refused[a body of 100 MB]",
             "test_S4_too_large_a_request_is_refused[a header of 1 MB]",
             "test_S4_too_large_a_request_is_refused[a URL of 1 MB]")
        + unit("status/door", "too_large_requests_are_refused")),
    Row("S5", "two ways to say how long a body is, a negative length, a NUL",
        here("socket", "test_S5_what_can_be_read_in_two_ways_is_refused[a length and chunks]",
             "test_S5_what_can_be_read_in_two_ways_is_refused[a negative length]",
             "test_S5_what_can_be_read_in_two_ways_is_refused[a NUL in the path]")),
    Row("S6", "two lengths, and a request hidden in the body",
        unit("status/action", "nothing_is_read_from_a_connection_behind_a_body")),
    Row("S7", "paths that climb", unit("status/api", "only_what_there_is_has_an_answer")),
    Row("S8", "somebody who may not",
        unit("status/action", "others_may_read_and_change_nothing")
        + unit("status/peer", "others_may_not")
        + service("a_reader_may_not_reload", "a_stranger_does_not")),
    Row("S9", "a browser that is sent to the TCP port",
        e2e("listen", "test_the_host_must_be_one_that_is_known",
            "test_nothing_can_be_changed_there")),
    Row("S10", "markup in names and answers",
        e2e("page", "test_what_comes_from_outside_is_text")
        + e2e("browser", "test_what_an_endpoint_says_stays_text_when_it_comes_live")
        + unit("base/html", "what_would_be_markup_is_text")),
    Row("S11", "noise",
        here("socket", "test_S11_noise_is_answered_or_ended_and_nothing_else") + fuzz("request")),
    Row("S12", "a reader of events that is slow",
        unit("status/stream", "a_slow_reader_finds_a_gap_and_costs_nothing_else")
        + unit("status/events", "who_falls_behind_gets_a_gap")),
    Row("S13", "descriptors that are handed to us",
        here("socket", "test_S13_descriptors_that_are_handed_over_are_not_kept")),
]

JUDGING = [
    Row("W1", "a pattern without end",
        unit("expect/regex", "what_would_take_minutes_stops_in_time")
        + http("answers what a pattern cannot stand")),
    Row("W2", "JSON that is 100,000 deep",
        unit("expect/json", "depth_is_bounded_before_anything_is_built")),
    Row("W3", "JSON that can be read in two ways",
        unit("expect/json", "each_refusal_has_its_reason_and_its_place",
             "integers_are_exact_to_63_bits", "the_last_of_duplicate_names_counts",
             "a_nul_in_a_text_is_a_character")),
    Row("W4", "answers that come faster than they are judged",
        here("judges", "test_W4_more_answers_than_judges_can_judge_wait_and_none_is_lost")
        + unit("schedule/schedule", "nothing_is_launched_while_held")
        + unit("judge/judge", "more_room_can_be_had_while_checks_wait")),
    Row("W5", "a judge that hangs",
        here("judges", "test_W5_while_a_judge_hangs_the_watchdog_is_not_fed")
        + unit("loop/notify", "the_watchdog_is_fed_only_by_the_living")
        + service("a_hanging_loop_is_killed_and_started_again")),
    Row("W6", "a result of an endpoint that is gone",
        e2e("reload", "test_an_endpoint_in_flight_may_go")
        + unit("model/roster", "a_number_that_is_used_again_has_another_generation")),
    # There are never two at once: that is what the tests show.
    Row("W7", "two results of one endpoint in the wrong order",
        simulation("random", "whatever_happens_in_any_order_the_invariants_hold")
        + unit("schedule/schedule", "asked_for_meanwhile_means_again_at_once")),
    Row("W8", "a wake without anything, a counter that runs over",
        unit("judge/judge", "a_wake_with_nothing_and_one_too_many_do_no_harm",
             "every_check_comes_back_once_with_its_verdict")),
]

ALERTS = [
    Row("A1", "a receiver that is away for long",
        e2e("notify",
            "test_checks_are_on_time_while_a_sink_is_in_trouble[is away-None-600]")
        + unit("alert/resume", "what_was_not_told_before_a_restart_is_told_after_it")),
    Row("A2", "a receiver that is slow",
        unit("alert/teller", "one_that_hangs_holds_up_no_other")
        + e2e("notify",
              "test_checks_are_on_time_while_a_sink_is_in_trouble[hangs-hang-30]")),
    Row("A3", "500, and 429 with a time to come back",
        e2e("notify", "test_a_sink_in_trouble_gets_all_of_it_in_order_afterwards")
        + unit("alert/teller", "tries_come_less_and_less_often")),
    Row("A4", "a receiver that will not have it",
        unit("alert/teller", "a_message_that_nobody_takes_is_given_up_at_last")
        + e2e("escalate", "test_what_is_not_taken_goes_to_the_fallback")),
    Row("A5", "a 200 that means no",
        e2e("receivers", "test_a_preset_says_what_its_service_wants_and_hears_what_it_answers")),
    Row("A6", "kill -9 while a message waits, or is on its way",
        e2e("notify", "test_kill_9_loses_nothing_and_repeats_little",
            "test_two_hundred_kills_lose_nothing_and_repeat_little")),
    Row("A7", "a recovery before its outage was told",
        e2e("notify", "test_what_recovered_before_it_was_told_is_not_told")
        + unit("alert/teller", "what_recovers_before_it_is_told_is_not_told")),
    Row("A8", "ten thousand that fail in a second",
        e2e("flood", "test_ten_thousand_that_fail_at_once_are_few_messages")),
    Row("A9", "this host's own network is down",
        e2e("states", "test_while_this_host_is_offline_nothing_is_down_but_what_says_so",
            "test_references_and_parents_are_looked_at_before_it_is_called_down")
        + unit("alert/alert", "what_this_host_lacks_is_one_incident_of_its_own")),
    Row("A10", "many alerts while the disk is full",
        here("alerts", "test_A10_with_a_full_disk_it_is_told_all_the_same")
        + unit("store/store", "where_nothing_can_be_written_memory_is_bounded")
        + unit("alert/teller", "a_message_waits_for_the_disk_but_not_for_ever")),
    Row("A11", "a wall clock that goes back between two messages",
        here("alerts", "test_A11_a_clock_that_goes_back_holds_no_message_up")),
    Row("A12", "a template that names what is not there",
        unit("alert/template", "unknown_names_are_faults",
             "names_stand_for_what_the_message_says")),
    Row("A13", "a name that would be a header",
        e2e("receivers", "test_no_endpoint_writes_headers_or_commands",
            "test_addresses_are_looked_at")
        + unit("loop/mail", "no_line_break_gets_through")),
    Row("A14", "a silence that ends while it is down",
        e2e("silences", "test_what_is_still_wrong_at_the_end_is_told_then")
        + unit("alert/hold", "what_is_still_wrong_is_told_when_it_may_be")
        + simulation("told", "a_year_is_told_as_the_table_has_it")),
    Row("A15", "picket itself is dead",
        e2e("deadman", "test_it_comes_again_and_again_past_any_proxy",
            "test_it_stays_away_while_the_store_fails")),
    Row("A16", "an Alertmanager that has forgotten",
        e2e("receivers", "test_a_cluster_of_real_alertmanagers_tells_each_change_once",
            "test_what_lasts_is_sent_again_and_all_of_it_is_told")),
    Row("A17", "a receiver whose TLS is broken",
        e2e("receivers", "test_a_server_that_is_not_trusted_gets_nothing")
        + unit("alert/step", "what_is_not_taken_is_told_to_another")),
]

LATER = [
    Row("L1", "an authority of one's own, and a server of another",
        http("shows one of a stranger")
        + unit("loop/tls", "a_store_neither_grows_nor_is_read_again_in_a_thousand_handshakes")),
    Row("L2", "SERVFAIL of a zone, and a resolver that works",
        http("answers SERVFAIL")
        + unit("loop/resolve", "silence_of_all_servers_is_local_unless_they_answered_others")),
    Row("L3", "a tenth of 10,000 endpoints goes dark",
        simulation("lanes", "ten_of_a_hundred_go_dark_and_nobody_else_is_late")
        + e2e("permits", "test_dark_endpoints_do_not_make_the_others_late")),
    Row("L4", "the uplink is cut, and the gateway's turn is far",
        e2e("states", "test_references_and_parents_are_looked_at_before_it_is_called_down",
            "test_while_this_host_is_offline_nothing_is_down_but_what_says_so")),
    Row("L5", "a resolver that is not up yet",
        here("network",
             "test_L5_a_resolver_that_is_not_up_yet_makes_no_incident_of_an_endpoint")),
    Row("L6", "an answer before the request, an Expect that nobody answers",
        http("answers before it has the request")
        + e2e("http_wire", "test_method_headers_and_body")),
    Row("L7", "more fresh connections than there are ports",
        unit("config/load", "too_many_connections_to_one_server_are_warned_of")
        + here("network", "test_N30_no_port_left_here_is_this_hosts_fault"),
        lacks="they are not slowed down"),
    Row("L8", "a server that echoes a secret",
        e2e("states", "test_a_secret_that_the_server_echoes_is_masked")
        + unit("judge/assess", "secrets_do_not_come_back")),
    Row("L9", "an answer that would end a text of JSON",
        e2e("notify", "test_templates_escape_what_endpoints_say")
        + unit("alert/template", "values_are_escaped_for_what_surrounds_them")),
    Row("L10", "a descriptor that blocks, from the service manager",
        e2e("listen", "test_a_socket_that_systemd_passes_is_used_instead")
        + unit("loop/listen", "a_passed_listener_is_found_by_name_and_made_fit")),
    Row("L11", "a program that is started while signals are blocked",
        unit("loop/child", "a_child_gets_nothing_of_ours")),
    Row("L12", "a program on a file system that hangs",
        here("programs", "test_L12_a_program_on_a_file_system_that_hangs_keeps_nobody_else")
        + unit("probe/file", "a_file_system_that_does_not_answer_is_left_behind")),
    Row("L13", "a certificate both expired and misnamed", http("shows one expired and misnamed")),
    Row("L14", "a body that is no JSON, or cut, under `is empty` and `not`",
        unit("judge/false_green", "a_body_that_is_not_json_proves_nothing",
             "a_body_that_was_cut_proves_nothing_beyond")),
]

ROWS = NETWORK + TLS + NAMES + CONFIGURATION + PROCESS + PROGRAMS + SOCKET + JUDGING + ALERTS + LATER

# How many rows there are of each letter: none is lost, and none comes by accident.
LETTERS = {"N": 40, "T": 12, "D": 15, "C": 20, "P": 30, "X": 14, "S": 13, "W": 8, "A": 17, "L": 14}
