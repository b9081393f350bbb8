using System.Text;
using System.Xml;

namespace NixStore.Engine.Reporting;

/// <summary>
/// Writes a page that is both HTML and well-formed XML. There is no way to write text but one that encodes it, and elements close by themselves.
/// </summary>
internal sealed class HtmlWriter : IDisposable
{
    // A line feed after these would be seen, as a space.
    private static readonly string[] s_inline = ["code", "span"];

    private readonly XmlWriter _xml;

    /// <summary>Begins a page; the stream stays open.</summary>
    internal HtmlWriter(Stream stream)
    {
        _xml = XmlWriter.Create(stream, new XmlWriterSettings { OmitXmlDeclaration = true, Encoding = new UTF8Encoding(false), NewLineChars = "\n" });
        _xml.WriteDocType("html", null, null, null);
    }

    /// <summary>Writes text.</summary>
    internal void Text(string text) => _xml.WriteString(ReportText.Show(text));

    /// <summary>Writes an element with text in it.</summary>
    /// <param name="name">The element.</param>
    /// <param name="text">The text.</param>
    /// <param name="style">Its class.</param>
    internal void Element(string name, string text, string? style = null) => Element(name, style, () => Text(text));

    /// <summary>Writes an element with others in it.</summary>
    /// <param name="name">The element.</param>
    /// <param name="style">Its class.</param>
    /// <param name="contents">Writes what is in it.</param>
    internal void Element(string name, string? style, Action contents)
    {
        _xml.WriteStartElement(name);
        if (style is not null)
        {
            _xml.WriteAttributeString("class", style);
        }

        contents();

        // HTML knows no short form of an empty element.
        _xml.WriteFullEndElement();
        if (!s_inline.Contains(name))
        {
            _xml.WriteWhitespace("\n");
        }
    }

    /// <summary>Writes the head of the page.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="styleSheet">How it looks.</param>
    internal void Head(string title, string styleSheet) => Element("head", null, () =>
    {
        Meta("charset", "utf-8");
        Meta("name", "viewport", "width=device-width, initial-scale=1");

        // Nothing is fetched and nothing runs, whatever is in the page.
        Meta("http-equiv", "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
        Element("title", title);
        Element("style", null, () => _xml.WriteString(styleSheet));
    });

    /// <inheritdoc/>
    public void Dispose() => _xml.Dispose();

    private void Meta(string attribute, string value, string? content = null)
    {
        _xml.WriteStartElement("meta");
        _xml.WriteAttributeString(attribute, value);
        if (content is not null)
        {
            _xml.WriteAttributeString("content", content);
        }

        _xml.WriteEndElement();
    }
}
