//! The client's look at the answer.

use super::*;

const ANSWER: &str = "HTTP/1.1 101 Switching Protocols
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=

";

/// What a client that offered `chat` makes of [`ANSWER`] with one line replaced.
fn check(line: &str, by: &str) -> String {
    check_offering(&["chat"], line, by)
}

/// The same, of a client that offered these.
fn check_offering(offered: &[&str], line: &str, by: &str) -> String {
    assert!(ANSWER.contains(line), "{line} is not in the answer");
    checked(&ANSWER.replace(line, by), offered)
}

/// What a client that offered these makes of an answer.
fn checked(head: &str, offered: &[&str]) -> String {
    let parsed = Answer::parse(crlf(head).as_bytes()).expect("httparse takes it");
    let (answer, _) = parsed.expect("a whole head");
    format!("{:?}", check_answer(&answer, RFC_KEY, offered))
}

#[test]
fn accepts_the_right_answer() {
    coach(
        "This answer is right: Ok, with the subprotocol if there is one.",
        || {
            assert_snapshot!(check("HTTP", "HTTP"), @"Ok(None)");
            let chat = "Connection: upgrade\nSec-WebSocket-Protocol: chat";
            assert_snapshot!(check("Connection: Upgrade", chat), @r#"Ok(Some("chat"))"#);
        },
    );
}

#[test]
fn wants_101_and_both_headers() {
    coach("Status, Upgrade and Connection, in this order.", || {
        assert_snapshot!(check("101 Switching Protocols", "200 OK"), @"Err(Status(200))");
        assert_snapshot!(check("101 Switching Protocols", "100 Continue"), @"Err(Status(100))");
        assert_snapshot!(check("Upgrade: websocket\n", ""), @"Err(Upgrade)");
        assert_snapshot!(check("Connection: Upgrade\n", ""), @"Err(Connection)");
    });
}

/// A request may list protocols. The answer names the one that follows (section 4.1, item 2).
#[test]
fn wants_one_protocol() {
    let advice = "The answer's Upgrade is `websocket`, in any case, in one line, and no list.";
    coach(advice, || {
        let upgrade = "Upgrade: websocket\n";
        assert_snapshot!(check(upgrade, "Upgrade: WebSocket\n"), @"Ok(None)");
        clue(
            "Ok(None)",
            "You search a list. An answer's Upgrade is `websocket` and nothing else: compare all of it.",
        );
        assert_snapshot!(check(upgrade, "Upgrade: websocket, h2c\n"), @"Err(Upgrade)");
        assert_snapshot!(check(upgrade, "Upgrade: h2c\nUpgrade: websocket\n"), @"Err(Upgrade)");
        clue(
            "Err(Connection)",
            "Connection stays a list (item 3): lists_token.",
        );
        let list = "Connection: keep-alive, Upgrade";
        assert_snapshot!(check("Connection: Upgrade", list), @"Ok(None)");
        clue(
            "Err(Connection)",
            "One of the two lines lists it: give lists_token every line.",
        );
        let last = "Connection: keep-alive\nConnection: Upgrade";
        assert_snapshot!(check("Connection: Upgrade", last), @"Ok(None)");
        let first = "Connection: Upgrade\nConnection: keep-alive";
        assert_snapshot!(check("Connection: Upgrade", first), @"Ok(None)");
        let other = "Connection: no-upgrade-please";
        assert_snapshot!(check("Connection: Upgrade", other), @"Err(Connection)");
        let twice = "Upgrade: websocket\nUpgrade: websocket\n";
        assert_snapshot!(check(upgrade, twice), @"Err(Upgrade)");
    });
}

/// The reason for the key: a cache, or a server that knows no WebSocket, cannot guess this.
#[test]
fn wants_the_answer_to_its_own_key() {
    let advice = "Compare Sec-WebSocket-Accept with accept_key(key), letter for letter.";
    coach(advice, || {
        clue(
            "Ok(None)",
            "You took an answer to another key. Compute accept_key(key) and compare exactly.",
        );
        assert_snapshot!(check("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "HSmrc0sMlYUkAGmm5OPpG2HaGWk="), @"Err(Accept)");
        assert_snapshot!(check("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "S3PPLMBITXAQ9KYGZZHZRBK+XOO="), @"Err(Accept)");
        clue(
            "Ok(None)",
            "There is no accept value at all: the contract wants exactly one line.",
        );
        assert_snapshot!(check("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\n", ""), @"Err(Accept)");
        clue(
            "Ok(None)",
            "Two answers: which one holds? The contract wants exactly one line.",
        );
        let twice = "xOo=\nSec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=";
        assert_snapshot!(check("xOo=", twice), @"Err(Accept)");
        let same = "xOo=\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
        assert_snapshot!(check("xOo=", same), @"Err(Accept)");
    });
}

/// The client's list has more than one name, and the server may choose any of them.
#[test]
fn takes_any_subprotocol_that_it_offered() {
    coach(
        "The server may choose any of those that were offered, letter for letter, and no other.",
        || {
            let check = |offered: &[&str], named: &str| {
                let chosen = format!("Connection: Upgrade\nSec-WebSocket-Protocol: {named}");
                check_offering(offered, "Connection: Upgrade", &chosen)
            };
            for name in ["v1", "v2", "v3"] {
                assert_eq!(
                    check(&["v1", "v2", "v3"], name),
                    format!("Ok(Some({name:?}))")
                );
            }
            assert_snapshot!(check(&["v1", "v2"], "V1"), @"Err(Subprotocol)");
            assert_snapshot!(check(&["v1", "v2"], "v1, v2"), @"Err(Subprotocol)");
            assert_snapshot!(check(&[], "v1"), @"Err(Subprotocol)");
        },
    );
}

/// What breaks each rule, in the contract's order, and what is told.
const BREAKS: [(&str, &str, &str); 8] = [
    (
        "Err(Status(404))",
        "101 Switching Protocols",
        "404 Not Found",
    ),
    ("Err(Upgrade)", "Upgrade: websocket\n", ""),
    ("Err(Upgrade)", "Upgrade: websocket", "Upgrade: h2c"),
    ("Err(Connection)", "Connection: Upgrade\n", ""),
    (
        "Err(Accept)",
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\n",
        "",
    ),
    ("Err(Accept)", "+xOo=", "+xOo=x"),
    (
        "Err(Extension)",
        "\n\n",
        "\nSec-WebSocket-Extensions: deflate\n\n",
    ),
    (
        "Err(Subprotocol)",
        "\n\n",
        "\nSec-WebSocket-Protocol: other\n\n",
    ),
];

/// A page in place of an answer breaks all of them, and its status says most.
#[test]
fn names_the_first_of_any_two_rules_that_are_broken() {
    let advice = "The contract's order holds for any two rules: check each at its place, and all of it \
                  there.";
    coach(advice, || {
        for (i, (told, line, by)) in BREAKS.iter().enumerate() {
            assert_eq!(check(line, by), *told, "{line:?} became {by:?}");
            for (later, other, instead) in &BREAKS[i + 1..] {
                let head = ANSWER.replacen(line, by, 1);
                if later == told || !head.contains(other) {
                    continue;
                }
                let checked = checked(&head.replacen(other, instead, 1), &["chat"]);
                assert_eq!(checked, *told, "{line:?} and {other:?} are wrong");
            }
        }
    });
}

/// Everything is wrong with the first of these answers, and one thing less with each that follows.
#[test]
fn names_the_first_rule_that_is_broken() {
    let advice = "The checks stand in the contract's order, and the first that fails is told.";
    coach(advice, || {
        let rules = [
            ("101 Switching", "200 Switching"),
            ("Upgrade: websocket", "Upgrade: h2c"),
            ("Connection: Upgrade", "Connection: close"),
            (
                "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                "HSmrc0sMlYUkAGmm5OPpG2HaGWk=",
            ),
            ("X-One: deflate", "Sec-WebSocket-Extensions: deflate"),
            ("X-Two: superchat", "Sec-WebSocket-Protocol: superchat"),
        ];
        let more = "\nX-One: deflate\nX-Two: superchat\n\n";
        let mut head = ANSWER.replacen("\n\n", more, 1);
        for (right, wrong) in rules {
            head = head.replacen(right, wrong, 1);
        }
        let mut told = Vec::new();
        for (right, wrong) in rules {
            told.push(checked(&head, &["chat"]));
            head = head.replacen(wrong, right, 1);
        }
        assert_snapshot!(told.join("\n"), @r"
        Err(Status(200))
        Err(Upgrade)
        Err(Connection)
        Err(Accept)
        Err(Extension)
        Err(Subprotocol)
        ");
    });
}

#[test]
fn refuses_what_it_did_not_offer() {
    let advice = "The server may only choose among what the client offered.";
    coach(advice, || {
        let deflate = "Connection: Upgrade\nSec-WebSocket-Extensions: permessage-deflate";
        assert_snapshot!(check("Connection: Upgrade", deflate), @"Err(Extension)");
        clue(
            "Ok(",
            "No line at all: one with nothing in it is a line too.",
        );
        let empty = "Connection: Upgrade\nSec-WebSocket-Extensions:";
        assert_snapshot!(check("Connection: Upgrade", empty), @"Err(Extension)");
        let empty = "Connection: Upgrade\nSec-WebSocket-Protocol:";
        assert_snapshot!(check("Connection: Upgrade", empty), @"Err(Subprotocol)");
        let protocol = "Connection: Upgrade\nSec-WebSocket-Protocol: superchat";
        assert_snapshot!(check("Connection: Upgrade", protocol), @"Err(Subprotocol)");
        clue(
            "Ok(",
            "Two lines: the server chooses one subprotocol, in one line.",
        );
        let twice = format!("{protocol}, chat\nSec-WebSocket-Protocol: chat");
        let twice = twice.replace("superchat, ", "");
        assert_snapshot!(check("Connection: Upgrade", &twice), @"Err(Subprotocol)");
    });
}
