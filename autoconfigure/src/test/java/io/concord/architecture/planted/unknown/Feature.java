package io.concord.architecture.planted.unknown;

class Feature {

}
