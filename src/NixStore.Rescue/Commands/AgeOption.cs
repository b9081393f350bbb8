using System.CommandLine;

namespace NixStore.Rescue.Commands;

/// <summary>An option that says how old something is: <c>14d</c>, or a date.</summary>
internal static class AgeOption
{
    /// <summary>Makes one.</summary>
    public static Option<StoreAge?> Make(string name, string description)
        => ParsedOption.Make(name, $"{description} For example 14d.", StoreAge.Parse);
}
