using NixStore.Engine.Database;

namespace NixStore.Engine.Salvage;

/// <summary>A row that was found, before it is known which of several wins and what it refers to.</summary>
internal sealed class PathCandidate(long id, ForgottenRow row, SalvagePlace place, IReadOnlyList<string> malformedColumns)
{
    /// <summary>Its id.</summary>
    internal long Id => id;

    /// <summary>Its columns.</summary>
    internal ForgottenRow Row => row;

    /// <summary>Where it was found: the most trustworthy place.</summary>
    internal SalvagePlace Place { get; set; } = place;

    /// <summary>Whether the index of paths has it.</summary>
    internal bool IsIndexed { get; set; }

    /// <summary>Which one wins: the lower.</summary>
    internal int Rank => Place.Origin == SalvageOrigin.Tree ? 0 : IsIndexed ? 1 : 1 + (int)Place.Origin;

    /// <summary>True when nothing is lost with the other one.</summary>
    internal bool IsSameRow(PathCandidate other)
        => (Id, Row.Path, Row.Hash, Row.RegistrationTime, Row.Deriver) == (other.Id, other.Row.Path, other.Row.Hash, other.Row.RegistrationTime, other.Row.Deriver)
            && (Row.NarSize, Row.Ultimate, Row.Signatures, Row.ContentAddress)
                == (other.Row.NarSize, other.Row.Ultimate, other.Row.Signatures, other.Row.ContentAddress);

    /// <summary>The row without what it refers to.</summary>
    internal SalvagedPath ToSalvaged() => new() { Id = Id, Row = Row, Place = Place, IsIndexed = IsIndexed, MalformedColumns = malformedColumns };
}
