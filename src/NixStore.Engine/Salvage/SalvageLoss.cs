namespace NixStore.Engine.Salvage;

/// <summary>A part of a database that could not be read.</summary>
/// <param name="FirstPage">The first page of a range, from 1; 0 when it is not about pages.</param>
/// <param name="LastPage">The last page of the range.</param>
/// <param name="Tree">The table or index that the pages belong to; null when that is not known.</param>
/// <param name="Reason">Why they could not be read, as the predicate of a sentence.</param>
public sealed record SalvageLoss(uint FirstPage, uint LastPage, string? Tree, string Reason)
{
    /// <inheritdoc/>
    public override string ToString()
    {
        var what = FirstPage == 0 ? "The database" : FirstPage == LastPage ? $"Page {FirstPage}" : $"Each of the pages {FirstPage} to {LastPage}";
        return $"{what}{(Tree is null ? "" : $" of {Tree}")} {Reason}.";
    }
}
