namespace NixStore.Rescue.Commands;

/// <summary>A command whose help ends with examples.</summary>
internal interface IHasExamples
{
    /// <summary>Command lines, and what each does.</summary>
    IReadOnlyList<(string Line, string Explanation)> Examples { get; }
}
