//! What a packet asks for.

use super::*;

/// A server with `/` and `/admin`.
fn spaces() -> Spaces {
    let space = || Space {
        calls: Calls::default(),
        rooms: Rooms::default(),
        on_connect: Arc::new(|_, _, _| Box::new(|_, _| Box::pin(async {}))),
    };
    Spaces::default().with("/", space()).with("/admin", space())
}

/// What each packet asks for, where `/` is open and `/admin` is as `admin` says.
fn routes<const N: usize>(admin: Door, packets: [&str; N]) -> String {
    let spaces = spaces();
    let door = |namespace: &str| match namespace {
        "/" => Door::Open,
        "/admin" => admin,
        _ => Door::Closed,
    };
    let rows = packets.map(|packet| {
        let route = match spaces.route(door, packet) {
            Ok(Route::Open { namespace, auth }) => format!("open {namespace} with {auth}"),
            Ok(Route::Refuse { namespace }) => format!("refuse {namespace}"),
            Ok(Route::Deliver { namespace, packet }) => format!("deliver to {namespace}: {packet}"),
            Ok(Route::Leave { namespace }) => format!("leave {namespace}"),
            Err(violation) => format!("violation: {violation}"),
        };
        (packet, route)
    });
    table(rows)
}

const UNKNOWN: &str = "This server has no such namespace. That is an answer, `Route::Refuse`, and the \
    connection stays.";

#[test]
fn opens_a_namespace_with_a_connect() {
    coach(
        "Type 0, a namespace that the server has, and a door that is not open: `Route::Open`, with \
         `auth` of what follows the type.",
        || {
            assert_snapshot!(
                routes(Door::Closed, ["0/admin,", "0/admin", r#"0/admin,{"token":"123"}"#]),
                @r#"
            0/admin,                     open /admin with null
            0/admin                      open /admin with null
            0/admin,{"token":"123"}      open /admin with {"token":"123"}
            "#
            );
        },
    );
}

/// Without an answer a client waits, and reconnects for ever.
#[test]
fn refuses_a_namespace_that_is_unknown() {
    coach(UNKNOWN, || {
        clue("violation", UNKNOWN);
        clue(
            "open /random",
            "This server has no namespace /random: ask `self.get(...)`.",
        );
        clue(
            "leave",
            "A CONNECT to an unknown namespace must be answered: `Route::Refuse`.",
        );
        assert_snapshot!(
            routes(
                Door::Closed,
                ["0/random,", "0/random,nonsense", "0/random", r#"0/Admin,{"token":"123"}"#, "0//,"]
            ),
            @r#"
        0/random,                    refuse /random
        0/random,nonsense            refuse /random
        0/random                     refuse /random
        0/Admin,{"token":"123"}      refuse /Admin
        0//,                         refuse //
        "#
        );
    });
}

/// Events and answers go on without their prefix, which lesson 6 does not know.
#[test]
fn delivers_to_what_is_open() {
    coach(
        "Types 2 and 3, an open door: `Route::Deliver`, with what `take_namespace` left.",
        || {
            clue(
                "deliver to /admin: 2/admin,",
                "The namespace is still in the packet: hand on what `take_namespace` left.",
            );
            clue(
                "deliver to /: 2/admin,",
                "The namespace is still in the packet, and the packet went to `/`.",
            );
            assert_snapshot!(
                routes(Door::Open, [
                    r#"2["x"]"#,
                    r#"20["x"]"#,
                    r#"30["y"]"#,
                    r#"2/admin,["x"]"#,
                    r#"2/admin,13["x"]"#,
                    r#"3/admin,13["y"]"#,
                    "2/admin,nonsense",
                ]),
                @r#"
            2["x"]                       deliver to /: 2["x"]
            20["x"]                      deliver to /: 20["x"]
            30["y"]                      deliver to /: 30["y"]
            2/admin,["x"]                deliver to /admin: 2["x"]
            2/admin,13["x"]              deliver to /admin: 213["x"]
            3/admin,13["y"]              deliver to /admin: 313["y"]
            2/admin,nonsense             deliver to /admin: 2nonsense
            "#
            );
        },
    );
}

/// There may be nothing to leave. Nobody is harmed by that, and nobody is told.
#[test]
fn leaves_with_a_disconnect() {
    coach(
        "Type 1 is `Route::Leave`, whatever the door is: then the client is out.",
        || {
            let mut seen = Vec::new();
            for admin in [Door::Open, Door::Shut, Door::Closed] {
                seen.push(routes(admin, ["1/admin", "1/admin,", "1"]));
            }
            seen.push(routes(Door::Closed, ["1/random,"]));
            assert_snapshot!(seen.join("\n"), @r"
            1/admin                      leave /admin
            1/admin,                     leave /admin
            1                            leave /
            1/admin                      leave /admin
            1/admin,                     leave /admin
            1                            leave /
            1/admin                      leave /admin
            1/admin,                     leave /admin
            1                            leave /
            1/random,                    leave /random
            ");
        },
    );
}

/// Each of these ends the connection, and tells the client why.
#[test]
fn knows_what_breaks_the_rules() {
    coach(
        "Look at the type and the door: each violation has its name in `Violation`.",
        || {
            clue(
                "open / with",
                "`/` was open already. A second CONNECT would be a second member, and nobody would \
                 ever hear which of the two is meant.",
            );
            clue(
                "deliver to /admin",
                "No CONNECT has come for /admin, so nobody is there. Look at the door.",
            );
            clue(
                "unwrap()",
                "A client can send anything. Return the error, do not `unwrap`.",
            );
            assert_snapshot!(
                "wrong-packets",
                routes(
                    Door::Closed,
                    [
                        "",
                        "0",
                        r#"0{"token":"123"}"#,
                        r#"2/admin,["x"]"#,
                        r#"3/admin,13["y"]"#,
                        r#"2/random,["x"]"#,
                        "0/admin,nonsense",
                        "0/admin,[1]",
                        r#"4{"message":"no"}"#,
                        r#"51-["x",{"_placeholder":true,"num":0}]"#,
                        "hello",
                        "é/admin,",
                    ]
                )
            );
        },
    );
}

/// The server has put the client out of /admin. What the client sent before it heard of that is no
/// fault of its own; and it may come back.
#[test]
fn bears_with_a_client_that_does_not_know_yet() {
    coach(
        "`Door::Shut` is neither open nor closed: packets are delivered, to nobody, and a CONNECT opens \
         it again.",
        || {
            clue(
                "violation: a second",
                "The door is shut, not open. A CONNECT opens it again.",
            );
            clue(
                "violation: no CONNECT",
                "The client entered, and was put out. Its packet crossed the server's goodbye: \
                 nothing to close over.",
            );
            assert_snapshot!(
                routes(Door::Shut, [
                    r#"2/admin,["x"]"#,
                    r#"3/admin,13["y"]"#,
                    "0/admin,",
                    "0/random,",
                ]),
                @r#"
            2/admin,["x"]                deliver to /admin: 2["x"]
            3/admin,13["y"]              deliver to /admin: 313["y"]
            0/admin,                     open /admin with null
            0/random,                    refuse /random
            "#
            );
            for wrong in ["4/admin,", "7/admin,[1]", "é/admin,"] {
                let told = routes(Door::Shut, [wrong]);
                assert!(
                    told.contains("violation"),
                    "a shut door changes nothing for a type that nobody may send: {told}"
                );
            }
        },
    );
}
