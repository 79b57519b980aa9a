//! A packet from a client, and the namespace in it.

use super::*;

/// What the function makes of each packet, a line for each.
fn taken<const N: usize>(packets: [&str; N]) -> String {
    let rows = packets.map(|packet| {
        let (namespace, rest) = take_namespace(packet);
        (packet, format!("{namespace:<12} {rest}"))
    });
    table(rows)
}

#[test]
fn cuts_the_name_out_from_after_the_type() {
    coach(
        "The name begins right after the type and ends before the first comma. Type and rest make \
         the packet.",
        || {
            clue(
                "/admin,",
                "The comma ends the name. It belongs to neither the name nor the packet.",
            );
            clue(
                "/admin       ,",
                "The comma belongs to neither the name nor the packet.",
            );
            assert_snapshot!(taken([
                r#"2/admin,["x"]"#,
                r#"2/admin,13["x"]"#,
                r#"3/admin,13["y"]"#,
                r#"0/custom,{"token":"123"}"#,
                "0/custom,",
                "1/custom,",
            ]), @r#"
            2/admin,["x"]                /admin       2["x"]
            2/admin,13["x"]              /admin       213["x"]
            3/admin,13["y"]              /admin       313["y"]
            0/custom,{"token":"123"}     /custom      0{"token":"123"}
            0/custom,                    /custom      0
            1/custom,                    /custom      1
            "#);
        },
    );
}

/// No name is the name `/`, so the packets of lessons 5 and 6 mean what they meant.
#[test]
fn leaves_a_packet_without_a_name_as_it_is() {
    coach(
        "No slash after the type: `/`, and the packet as it is.",
        || {
            assert_snapshot!(taken([
            r#"2["chat","hello"]"#,
            r#"20["ferret","tobi"]"#,
            r#"30["woot"]"#,
            "0",
            r#"0{"token":"123"}"#,
            "1",
            r#"2/,["x"]"#,
        ]), @r#"
        2["chat","hello"]            /            2["chat","hello"]
        20["ferret","tobi"]          /            20["ferret","tobi"]
        30["woot"]                   /            30["woot"]
        0                            /            0
        0{"token":"123"}             /            0{"token":"123"}
        1                            /            1
        2/,["x"]                     /            2["x"]
        "#);
        },
    );
}

/// A path, a date or an address in the words of a chat is no namespace.
#[test]
fn does_not_look_into_the_payload() {
    coach(
        "Only a slash right after the type begins a name, and only the first comma ends it.",
        || {
            clue(
                r#"2["a/b,c"]                   /b"#,
                "The words have a slash in them. Look right after the type, and nowhere else.",
            );
            clue(
                r#"20["/b,c"]                   /b"#,
                "The words have a slash in them. Look right after the type, and nowhere else.",
            );
            assert_snapshot!(taken([
                r#"2["a/b,c"]"#,
                r#"20["/b,c"]"#,
                r#"2/admin,["a/b,c","d"]"#,
                r#"3/admin,7["/news,x"]"#,
                r#"0{"page":"/b,c"}"#,
            ]), @r#"
            2["a/b,c"]                   /            2["a/b,c"]
            20["/b,c"]                   /            20["/b,c"]
            2/admin,["a/b,c","d"]        /admin       2["a/b,c","d"]
            3/admin,7["/news,x"]         /admin       37["/news,x"]
            0{"page":"/b,c"}             /            0{"page":"/b,c"}
            "#);
        },
    );
}

/// The official server's decoder takes a name without a comma, too, where nothing follows it.
#[test]
fn takes_a_name_that_ends_the_packet() {
    coach(
        "Without a comma the name is all the rest: `split_once` gives `None` then.",
        || {
            assert_snapshot!(taken(["1/custom", "0/custom", "0/", "2/a[1]", "3/a?b=1"]), @r"
            1/custom                     /custom      1
            0/custom                     /custom      0
            0/                           /            0
            2/a[1]                       /a[1]        2
            3/a?b=1                      /a?b=1       3
            ");
        },
    );
}

/// A peer can send anything. None of these is a reason to panic.
#[test]
fn takes_anything_without_a_panic() {
    coach(
        "The type may be missing, or be a character of several bytes. `chars()` knows both.",
        || {
            clue(
                "char boundary",
                "`é` has two bytes. `chars()` goes from character to character.",
            );
            clue("out of bounds", "A packet may be empty.");
            assert_snapshot!(taken([
                "",
                "/",
                "é",
                "é/a,b",
                "2/é,[1]",
                "2/a?b={c,[1]",
                "2/a b,[1]",
                "2//,[1]",
                "2/,,[1]",
            ]), @r"
                                         /            
            /                            /            /
            é                            /            é
            é/a,b                        /a           éb
            2/é,[1]                      /é           2[1]
            2/a?b={c,[1]                 /a?b={c      2[1]
            2/a b,[1]                    /a b         2[1]
            2//,[1]                      //           2[1]
            2/,,[1]                      /            2,[1]
            ");
        },
    );
}
