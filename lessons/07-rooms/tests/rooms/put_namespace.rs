//! A packet from the server, and the namespace that goes into it.

use super::*;

fn put<const N: usize>(namespace: &str, packets: [&str; N]) -> String {
    let packets = packets.map(|packet| put_namespace(namespace, packet.into()).to_string());
    packets.join("\n")
}

/// A server that has it for events only sends its answers to `/`, where nobody waits for them.
#[test]
fn stands_between_the_type_and_the_rest() {
    coach(
        "Type, name, comma, rest: for events, answers and all other packets alike.",
        || {
            clue(
                "\n313[\"y\"]",
                "The answer has lost its namespace: the client looks for call 13 of `/`. Every packet \
                 gets the name.",
            );
            clue(
                "2/admin[",
                "The name ends with a comma, or nobody can tell where the packet goes on.",
            );
            clue(
                "1/admin\n",
                "The comma may only be missing in what a client sends.",
            );
            assert_snapshot!(put("/admin", [
                r#"2["x"]"#,
                r#"213["x"]"#,
                r#"313["y"]"#,
                r#"0{"sid":"1"}"#,
                "1",
                r#"4{"message":"Invalid namespace"}"#,
                r#"2["a/b,c"]"#,
            ]), @r#"
            2/admin,["x"]
            2/admin,13["x"]
            3/admin,13["y"]
            0/admin,{"sid":"1"}
            1/admin,
            4/admin,{"message":"Invalid namespace"}
            2/admin,["a/b,c"]
            "#);
        },
    );
}

/// `2/,["x"]` would mean the same. The official client never sees it, and no copy is made this way.
#[test]
fn is_left_out_for_the_first_namespace() {
    coach(
        "`/` needs no name: return the packet that you were given, not a copy.",
        || {
            clue(
                "2/,",
                "`/` goes without saying: its packets are those of lessons 5 and 6.",
            );
            clue(
                "copied",
                "A new text was made for each receiver. Return the packet itself.",
            );
            let packet: Utf8Bytes =
                r#"2["chat","a text that is long enough not to be inline"]"#.into();
            let put = put_namespace("/", packet.clone());
            let text = match put.as_ptr() == packet.as_ptr() {
                true => "shared",
                false => "copied",
            };
            assert_snapshot!(format!("{put}\n{text}"), @r#"
            2["chat","a text that is long enough not to be inline"]
            shared
            "#);
        },
    );
}
