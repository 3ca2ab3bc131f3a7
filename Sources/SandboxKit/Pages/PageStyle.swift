/// The common look of the sandboxes' pages: plain, readable on a phone, with nothing to load.
public enum PageStyle {
    /// Colours, letters, forms and notices, in light colours. What only one provider's pages need stands in that provider's own style.
    public static let base: Markup = """
        :root { --ink: #1b2430; --soft: #5d6b7c; --line: #d7dee7; --ground: #f2f5f8; --sheet: #fff; --accent: #1f5fbf; --wrong: #b3261e;
          --entry: #fff; --edge: #8a97a6; --chosen: #f0f5fc; --alarm: #fdf1f0; --focus: #7fb0f5; --on-accent: #fff; color-scheme: light }
        * { box-sizing: border-box }
        body { margin: 0; color: var(--ink); background: var(--ground); word-break: keep-all; overflow-wrap: anywhere;
          font: 16px/1.55 system-ui, -apple-system, "Apple SD Gothic Neo", "Noto Sans KR", "Noto Sans CJK KR", "Malgun Gothic", sans-serif }
        header, main, footer { max-width: 30rem; margin: 0 auto; padding: 0 1.25rem }
        header { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; padding-top: 1rem; padding-bottom: .75rem }
        header p { margin: 0 } .brand b { color: var(--accent); letter-spacing: .04em }
        header p { white-space: nowrap } main p > small { display: block }
        main { background: var(--sheet); padding-top: 1.25rem; padding-bottom: 1.5rem; border-top: 3px solid var(--accent) }
        h1 { font-size: 1.375rem; line-height: 1.3; margin: 0 0 1rem } h2 { font-size: 1.0625rem; margin: 1.75rem 0 .5rem }
        h1 small, h2 small { display: block; font-size: .8125rem; font-weight: 400 }
        small { font-size: .8125rem; color: var(--soft) } p { margin: .5rem 0 } a { color: var(--accent) }
        dl { margin: 0 0 1rem; border-top: 1px solid var(--line) }
        dl div { display: flex; gap: 1rem; justify-content: space-between; padding: .5rem 0; border-bottom: 1px solid var(--line) }
        dt { color: var(--soft); flex: none } dt small { display: block; line-height: 1.2 } dd { margin: 0; text-align: right }
        label, fieldset { display: block; margin: 0 0 .875rem } fieldset { border: 0; padding: 0 } legend { padding: 0 }
        .name { display: block; margin-bottom: .25rem; font-size: .9375rem }
        input, select { width: 100%; min-height: 2.875rem; padding: .5rem .75rem; font: inherit; color: inherit; background: var(--entry);
          border: 1px solid var(--edge); border-radius: .5rem }
        input[readonly] { background: var(--ground); color: var(--soft) }
        input[type=radio], input[type=checkbox] { width: 1.25rem; min-height: 1.25rem; margin: .15rem 0 0; flex: none; accent-color: var(--accent) }
        .choice { display: flex; gap: .75rem; padding: .75rem; margin: 0 0 .5rem; border: 1px solid var(--line); border-radius: .5rem }
        .choice:has(:checked) { border-color: var(--accent); background: var(--chosen) } .choice small { display: block }
        button, .button { display: block; width: 100%; min-height: 3rem; padding: .5rem 1rem; font: inherit; font-weight: 600; cursor: pointer;
          color: var(--ink); background: var(--entry); border: 1px solid var(--edge); border-radius: .5rem }
        button small { font-weight: 400; color: inherit; opacity: .8 } button + button { margin-top: .5rem }
        .main { color: var(--on-accent); background: var(--accent); border-color: var(--accent); margin-bottom: .5rem }
        .row { display: grid; grid-template-columns: 1fr 1fr; gap: .5rem } .row button { margin: 0 }
        .danger { color: var(--wrong); border-color: var(--wrong) } .small { min-height: 2.5rem; font-size: .9375rem; font-weight: 400 }
        :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px }
        .notice { padding: .75rem; border-left: 4px solid var(--wrong); background: var(--alarm); margin: 0 0 1rem } .notice small { display: block }
        code { font-size: .875rem; background: var(--ground); padding: .1rem .3rem; border-radius: .25rem }
        pre { font-size: .8125rem; background: var(--ground); padding: .75rem; border-radius: .5rem; white-space: pre-wrap; word-break: break-all }
        footer p { font-size: .8125rem; color: var(--soft); margin: 1rem 0 2rem } footer small { display: block }
        @media (min-width: 40rem) { header { padding-top: 2.5rem } header, footer { padding-left: .25rem; padding-right: .25rem }
          main { padding: 1.75rem 2rem 2rem; border-radius: .75rem; border: 1px solid var(--line); border-top: 3px solid var(--accent) } }

        """

    /// Dark colours for who has asked the browser for them; to be added behind ``base`` by pages whose own colours go with it.
    public static let dark: Markup = """
        @media (prefers-color-scheme: dark) { :root { --ink: #e8edf3; --soft: #a3b0bf; --line: #35404d; --ground: #10151b; --sheet: #1a212a;
          --accent: #7fb0f5; --wrong: #ff8a80; --entry: #222b36; --edge: #66748a; --chosen: #20303f; --alarm: #3a2122; --focus: #9cc2f8;
          --on-accent: #0b1a2e; color-scheme: dark } }

        """
}
