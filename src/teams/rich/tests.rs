//! HTML as Teams writes it, and as nobody should.

use super::*;

fn read(html: &str) -> Rich {
    Rich::read(html, Call { own: &["switchboard".to_owned()], answers: false })
}

fn markdown(html: &str) -> Option<String> {
    let rich = read(html);
    rich.markdown(&rich.plain())
}

#[test]
fn what_was_formatted_is_markdown() {
    let link = "<a href=\"https://example.com/a_(b)?x=1&amp;copy;=2\" rel=\"noreferrer\" title=\"x\">the _guide_</a>";
    for (html, wanted) in [
        ("<p>It is <strong>very</strong> <em>urgent</em></p>", "It is **very** _urgent_"),
        ("<div><div>a<b> bold </b>b</div></div>", "a **bold** b"),
        ("un<i>believ</i>able", "un*believ*able"),
        ("<b><i>both</i> one</b>", "**_both_ one**"),
        ("<s>old</s> new", "~~old~~ new"),
        ("<p>a&nbsp;<u>line</u></p><p>&nbsp;</p><p><b>b</b></p>", "a line\n\n**b**"),
        ("<b>one</b><br>two", "**one**  \ntwo"),
        ("<div>one</div><div><i>two</i></div>", "one  \n_two_"),
        (link, "[the \\_guide\\_](https://example.com/a_%28b%29?x=1&amp;copy;=2)"),
        (
            "see <b>!</b><a href=\"https://example.com\">here</a>",
            "see \\![here](https://example.com/)",
        ),
        ("look!<a href=\"https://example.com\">here</a>", "look\\![here](https://example.com/)"),
        ("<a href=\"mailto:ann@contoso.com\"><b>Ann</b></a>", "[**Ann**](mailto:ann@contoso.com)"),
        ("<code>a*b`c</code>", "``a*b`c``"),
        (
            "<ul><li>one</li><li>two<ul><li>deep</li></ul></li></ul><p>after</p>",
            "- one\n- two\n  - deep\n\nafter",
        ),
        (
            "<p>Do:</p><ol start=\"3\"><li>one<br>more</li><li><b>two</b></li></ol>",
            "Do:\n\n3. one  \n   more\n4. **two**",
        ),
        ("<ul><li>open<li>ended</ul>", "- open\n- ended"),
        ("<blockquote><p>a</p><p>b</p></blockquote><p>c</p>", "> a\n>\n> b\n\nc"),
        ("<pre>x = [1]\n  y</pre>", "```\nx = [1]\n  y\n```"),
        (
            "<codeblock class=\"Rust\"><code>let a = 1;<br>```</code></codeblock>",
            "````\nlet a = 1;\n```\n````",
        ),
        ("<ul><li>see<pre>a\nb</pre></li></ul>", "- see\n\n  ```\n  a\n  b\n  ```"),
        ("<h2>Steps</h2><p>one</p>", "**Steps**\n\none"),
        (
            "<table><tbody><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></tbody></table>",
            "**a** \\| **b**  \n1 \\| 2",
        ),
        ("<b>1</b>. x <i>y</i>", "**1**. x _y_"),
        // Not closed, closed twice, closed crosswise.
        ("<b>a <i>b</b> c</i></p></div>", "**a _b_** c"),
        // Where Markdown would not see the marks there are none.
        ("<b>a!</b>b <i>c</i>", "a\\!b _c_"),
    ] {
        assert_eq!(markdown(html).as_deref(), Some(wanted), "{html}");
    }
}

#[test]
fn what_was_only_typed_is_no_markup() {
    for (typed, wanted) in [
        (
            "**a** _b_ ~~c~~ `d` [e](http://f) | \\",
            r"\*\*a\*\* \_b\_ \~\~c\~\~ \`d\` \[e\](http://f) \| \\",
        ),
        ("# no", r"\# no"),
        ("- no", r"\- no"),
        ("+ no", r"\+ no"),
        ("> no".replace('>', "&gt;").as_str(), r"\> no"),
        ("12. no", r"12\. no"),
        ("3) no", r"3\) no"),
        ("=== no", r"\=== no"),
        ("--- no", r"\--- no"),
        ("1.5 is a number - so it is", r"1.5 is a number - so it is"),
        ("&lt;b&gt;no&lt;/b&gt; &amp;lt; R&amp;D", r"&lt;b>no&lt;/b> &amp;lt; R&amp;D"),
        ("\u{FDD0}x\u{FDD4}", "\u{FDD0}x\u{FDD4}"),
    ] {
        let got = markdown(&format!("<p>{typed}</p><p><b>x</b></p>")).unwrap();
        assert_eq!(got, format!("{wanted}\n\n**x**"), "{typed}");
        let got = markdown(&format!("<ul><li>{typed}</li></ul>")).unwrap();
        assert_eq!(got, format!("- {wanted}"), "{typed}");
    }
}

#[test]
fn plain_words_have_no_formatted_form() {
    for html in [
        "",
        "<p>hello</p>",
        "<div><div>one</div><div>two<br>three</div></div>",
        "<p>a * b</p>",
        "<b></b><i> </i>",
        "<a href=\"https://example.com/\">https://example.com</a>",
        "<a href=\"mailto:ann@contoso.com\">ann@contoso.com</a>",
        "<at id=\"0\">Switchboard</at> hello",
        "<p>see <img alt=\"image\" src=\"https://example.com/x\"></p>",
    ] {
        assert_eq!(markdown(html), None, "{html}");
    }
}

#[test]
fn links_lead_only_where_links_may() {
    for href in [
        "javascript:alert(1)",
        " JaVaScRiPt:alert(1)",
        "java&#10;script:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "msteams:/l/x",
        "//example.com",
        "/relative",
        "http://",
        "x",
        &format!("https://example.com/{}", "a".repeat(3000)),
    ] {
        assert_eq!(markdown(&format!("<a href=\"{href}\">words</a>")), None, "{href}");
    }
    let nasty =
        markdown("<a href=\"https://example.com/) [x](javascript:y) `<b>|\\ \">a]b</a>").unwrap();
    assert_eq!(
        nasty,
        r"[a\]b](https://example.com/%29%20%5Bx%5D%28javascript:y%29%20%60%3Cb%3E%7C/)"
    );
}

#[test]
fn people_are_called_by_name_and_the_bot_is_not() {
    let bot = "<span itemscope=\"\" itemtype=\"http://schema.skype.com/Mention\" itemid=\"0\">Switchboard</span>";
    let sam = "<span itemscope=\"\" itemtype=\"http://schema.skype.com/Mention\" itemid=\"1\">Sam*</span>";
    assert_eq!(
        markdown(&format!("{bot}&nbsp;<b>ask</b> {sam} now")).as_deref(),
        Some("**ask** Sam\\* now")
    );
    assert_eq!(markdown(&format!("<b>ask</b> {bot} now")).as_deref(), Some("**ask** now"));
    assert_eq!(
        markdown("<at id=\"0\">Switchboard</at> <at>Sam</at> <b>x</b>").as_deref(),
        Some("Sam **x**")
    );
}

#[test]
fn emoji_and_pictures_are_their_names() {
    let old =
        "<img itemtype=\"http://schema.skype.com/Emoji\" alt=\"😀\" src=\"https://example.com\">";
    let new = "<emoji id=\"smile\" alt=\"🙂\" title=\"Smile\"></emoji>";
    let rich = read(&format!("<p>hi {old}{new}</p>"));
    assert_eq!(rich.markdown("hi").as_deref(), Some("hi 😀🙂"));
    assert_eq!(rich.markdown("hi 😀🙂"), None, "the plain text says it as well");
    assert_eq!(rich.plain(), "hi 😀🙂");
}

#[test]
fn what_holds_no_words_says_none() {
    assert_eq!(
        markdown(
            "<style>p { a: b }</style><script>if (a < b) { \"</p>\" }</script><b>x</b><!-- y --><title>z</title>"
        ),
        Some("**x**".into())
    );
}

#[test]
fn nothing_is_too_deep_or_too_long() {
    for tag in ["b", "div", "blockquote", "ul", "li", "a", "pre", "span", "table"] {
        let deep = format!(
            "{}word{}",
            format!("<{tag}>").repeat(10_000),
            format!("</{tag}>").repeat(10_000)
        );
        assert!(read(&deep).plain().contains("word"), "{tag}");
    }
    let nested = markdown(&format!("{}x", "<ul><li>".repeat(1000))).unwrap();
    assert!(nested.len() < 100, "{nested}");
    assert_eq!(markdown(&format!("<b>{}</b>", "x".repeat(300_000))), None);
    assert_eq!(
        markdown(&format!("<b>{}</b>", "x".repeat(30_000))),
        None,
        "then the plain text is sent"
    );
    let many = "<b>a&amp;</b><i> </i>".repeat(12_000);
    assert!(read(&many).plain().len() > 24_000);
}

#[test]
fn an_answer_knows_what_stands_below_the_quote() {
    let quote = "<blockquote itemscope=\"\" itemtype=\"http://schema.skype.com/Reply\" itemid=\"1\"><strong itemprop=\"mri\">Kim</strong>\
                 <span itemprop=\"time\"></span><p itemprop=\"preview\">is it on?</p></blockquote>";
    let rich = read(&format!("{quote}<p>// no idea</p>"));
    assert_eq!((&*rich.plain(), rich.repeats()), ("// no idea", true));
    let own = read("<blockquote>a</blockquote>// b");
    assert_eq!(
        (&*own.plain(), &*own.beginnings(str::to_owned)[1], own.repeats()),
        ("> a\n\n// b", "// b", false)
    );
    // Since 2026 an entity or a marker says that it answers; the quote may say nothing of that.
    let answers = Call { answers: true, ..Call::default() };
    let bare = Rich::read(
        "<at>Sam</at> <blockquote>a</blockquote><p>b</p><blockquote>c</blockquote>",
        answers,
    );
    assert_eq!((&*bare.plain(), bare.repeats()), ("Sam\n\nb\n\n> c", true));
    for (html, plain) in [
        ("<quoted messageId=\"1\"/>yes", "yes"),
        ("<quoted messageId=\"1\">yes", "yes"),
        ("<quoted messageId=\"1\">is it on?</quoted>yes", "yes"),
    ] {
        assert_eq!(read(html).plain(), plain);
    }
    assert_eq!(markdown(&format!("{quote}<p>yes</p>")), None, "what is answered is not said again");
    assert_eq!(markdown(&format!("{quote}<p><b>yes</b></p>")).as_deref(), Some("**yes**"));
}

#[test]
fn it_knows_what_the_plain_text_lacks() {
    for (html, plain) in [
        ("<p>add Jane &lt;jane@contoso.com&gt;</p>", "add Jane "),
        ("<p>one</p><p>two</p>", "onetwo"),
        ("<p>one</p><p>two</p>", "one two"),
        ("a<br>b", "a b"),
        ("<p>hi <img alt=\"Dance (GIF)\" itemtype=\"http://schema.skype.com/Giphy\"></p>", "hi"),
        ("<table><tr><td>Host</td><td>pc-17</td></tr></table>", "Hostpc-17"),
        ("<pre>a\nb</pre>", "a b"),
        ("x &lt; 5", "x &lt; 5"),
        ("yes", ""),
    ] {
        assert!(read(html).says_more_than(plain), "{html}");
    }
    for (html, plain) in [
        ("", ""),
        ("<p>one</p><p>two</p>", "one\r\ntwo"),
        ("<ol><li>off</li><li>on</li></ol>", "1. off\n2. on"),
        ("<ul><li>off</li></ul>", "off"),
        ("<table><tr><td>Host</td><td>pc-17</td></tr></table>", "Host pc-17"),
        ("a&nbsp;&nbsp;b\u{200B}", "a  b"),
        ("<b>a</b> b", "a b and more"),
        ("<img alt=\"image\" src=\"https://example.com\">", ""),
    ] {
        assert!(!read(html).says_more_than(plain), "{html}");
    }
}
