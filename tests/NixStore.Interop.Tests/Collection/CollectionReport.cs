using System.Globalization;

namespace NixStore.Interop.Tests.Collection;

/// <summary>Keeps figures of what was proved, for whoever wants them: output/TestResults/collection.txt.</summary>
internal static class CollectionReport
{
    internal static void Write(FormattableString what)
    {
        var directory = Directory.CreateDirectory($"{SourceTree.Root}/output/TestResults").FullName;
        File.AppendAllText($"{directory}/collection.txt", $"{DateTime.UtcNow:u} {what.ToString(CultureInfo.InvariantCulture)}\n");
    }
}
