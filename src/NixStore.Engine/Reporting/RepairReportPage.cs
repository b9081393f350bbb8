using NixStore.Engine.Native;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Reporting;

/// <summary>The report of the repair of a store as a page for people: one HTML file that needs nothing else, to be read, printed and kept.</summary>
public static class RepairReportPage
{
    /// <summary>Writes it; the file appears whole, or not at all.</summary>
    /// <param name="path">The file; one that is there is replaced. Its directory exists.</param>
    /// <param name="report">What was found and done.</param>
    /// <exception cref="StoreIOException">It cannot be written.</exception>
    public static void Write(string path, NixStoreRepair report) => DurableFile.Write(path, stream =>
    {
        using var page = new HtmlWriter(stream);
        new RepairReportContents(page, report).Write();
    });
}
